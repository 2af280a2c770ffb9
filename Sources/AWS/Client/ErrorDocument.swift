// SPDX-License-Identifier: Apache-2.0

/// The few words that count of an error document in XML: `<Error><Code>…</Code><Message>…`, alone or in an
/// `<ErrorResponse>`.
struct ErrorDocument {
    let code: String?
    let message: String?

    /// Nil for anything else: a document that is cut off, a proxy's page, nothing at all.
    init?(_ document: [UInt8]) {
        let texts = try? XMLReader.decode(document) { root, reader -> [String: String]? in
            switch root {
            case "Error": try reader.texts()
            case "ErrorResponse": try reader.texts(at: ["Error"])
            default: nil
            }
        }
        guard let texts = texts ?? nil else { return nil }
        code = texts["Code"]
        message = texts["Message"]
    }
}

extension XMLReader {
    /// The texts of the present element's children by name, of several with one name the first. The element is left.
    func texts() throws -> [String: String] {
        var texts: [String: String] = [:]
        while let name = try nextChild() {
            let text = try text()
            texts[name] = texts[name] ?? text
        }
        return texts
    }

    /// The same of an element below the present one, the first at that path. The present element is left.
    func texts(at path: [String]) throws -> [String: String] {
        guard let first = path.first else { return try texts() }
        var found: [String: String]?
        while let name = try nextChild() {
            if name == first, found == nil { found = try texts(at: Array(path.dropFirst())) } else { try skip() }
        }
        return found ?? [:]
    }
}
