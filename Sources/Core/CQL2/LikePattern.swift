// SPDX-License-Identifier: Apache-2.0

/// A pattern of LIKE: `%` is any run of characters, `_` any one, and a backslash takes the next character literally.
///
/// A character is a Unicode scalar, as it is to SQLite and PostgreSQL. Upper and lower case differ.
struct LikePattern {
    private enum Element {
        case scalar(Unicode.Scalar)
        case one
        case run
    }
    private let elements: [Element]

    init(_ pattern: String) {
        var elements: [Element] = []
        var isEscaped = false
        for scalar in pattern.unicodeScalars {
            switch scalar {
            case _ where isEscaped:
                elements.append(.scalar(scalar))
                isEscaped = false
            case "\\": isEscaped = true
            case "%": elements.append(.run)
            case "_": elements.append(.one)
            default: elements.append(.scalar(scalar))
            }
        }
        self.elements = elements
    }

    /// Goes back to the last `%` only, since an earlier one could not do better: time is bounded by the product of the
    /// two lengths, not by their power.
    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var at = 0
        var element = 0
        var retry: (element: Int, at: Int)?
        while at < scalars.count {
            if element < elements.count, case .run = elements[element] {
                element += 1
                retry = (element, at)
            } else if element < elements.count, accepts(elements[element], scalars[at]) {
                element += 1
                at += 1
            } else if let last = retry {
                retry = (last.element, last.at + 1)
                (element, at) = (last.element, last.at + 1)
            } else {
                return false
            }
        }
        return elements[element...].allSatisfy { if case .run = $0 { true } else { false } }
    }

    private func accepts(_ element: Element, _ scalar: Unicode.Scalar) -> Bool {
        switch element {
        case .scalar(let wanted): wanted == scalar
        case .one: true
        case .run: false
        }
    }
}
