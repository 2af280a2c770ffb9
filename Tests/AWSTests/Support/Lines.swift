// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A list that several tasks add to.
final class Lines<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func add(_ more: [Element]) { elements.withLock { $0 += more } }

    /// All of them; the list is empty afterwards.
    func take() -> [Element] {
        elements.withLock { list in
            defer { list = [] }
            return list
        }
    }
}
