// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Yams

extension MappingReader {
    /// A place with files: text, or `{at: …, server: …}`.
    func filePlace(_ key: String, home: String, server: String? = nil) throws -> FilePlace? {
        try node(key).map { node in
            try Self.placed(node, path: place(key)) { try FilePlace($0, home: home, server: $1 ?? server) }
        }
    }

    func filePlaces(_ key: String, home: String, server: String? = nil) throws -> [FilePlace] {
        try nodes(key).enumerated().map { index, node in
            try Self.placed(node, path: "\(place(key))[\(index)]") {
                try FilePlace($0, home: home, server: $1 ?? server)
            }
        }
    }

    /// A place for messages: text, or `{at: …, server: …}`.
    func messagePlace(_ key: String, home: String, server: String? = nil) throws -> MessagePlace? {
        try node(key).map { node in
            try Self.placed(node, path: place(key)) { try MessagePlace($0, home: home, server: $1 ?? server) }
        }
    }

    private static func placed<Place>(_ node: Node, path: String, _ make: (String, String?) throws -> Place) throws
        -> Place
    {
        if let text = node.scalar?.string { return try complaining(path) { try make(text, nil) } }
        return try whole(node, path: path) { reader in
            let text = try reader.required("at", reader.text("at"))
            let server = try reader.text("server")
            return try complaining(reader.place("at")) { try make(text, server) }
        }
    }

    private static func complaining<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as GranaryError where error.code == .invalid {
            throw complaint(path, error.message, remedy: error.remedy)
        }
    }

    /// A secret by reference, `{env: NAME}` or `{file: PATH}`. What it holds is never part of a complaint.
    func secret(_ key: String, home: String) throws -> Secret? {
        guard let node = node(key) else { return nil }
        guard case .mapping = node else {
            throw complaint(
                place(key), "a secret is not written here",
                remedy: "Name where it is: {env: NAME} for a variable of the service's environment, or {file: PATH}.")
        }
        return try Self.whole(node, path: place(key)) { try Secret(reading: $0, home: home) }
    }
}

extension Secret {
    fileprivate init(reading reader: MappingReader, home: String) throws {
        switch (try reader.text("env"), try reader.text("file")) {
        case (let name?, nil):
            guard let value = environment(name) else {
                throw complaint(
                    reader.place("env"), "the environment has no \(name)",
                    remedy: "Set \(name), or name a {file: PATH}.")
            }
            self.init(value)
        case (nil, let file?): try self.init(contentsOf: absolute(file, from: home), reader)
        default:
            throw complaint(reader.path, "expected either {env: NAME} or {file: PATH}")
        }
    }

    /// The file's text without the end of its last line.
    private init(contentsOf file: String, _ reader: MappingReader) throws {
        guard let bytes = try? contents(of: file), bytes.count <= Limits.storedText,
            let text = String(validating: bytes, as: UTF8.self)
        else {
            throw complaint(
                reader.place("file"), "\(file) cannot be read as a line of text",
                remedy: "Give the service's user the right to read it, or name an {env: NAME}.")
        }
        let value = String(text.reversed().drop { $0.isNewline }.reversed())
        guard !value.isEmpty else { throw complaint(reader.place("file"), "\(file) is empty") }
        self.init(value)
    }
}
