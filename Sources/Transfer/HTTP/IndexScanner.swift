// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Reads nginx's listing in JSON (`autoindex_format json`) as it arrives: an array of flat objects.
///
/// Not by our JSON reader: nginx copies the bytes of names as they are, and names need not be UTF-8.
struct IndexScanner: Sendable {
    private enum State { case before, between, object, string, escape, after }

    private var state = State.before
    private var object: [UInt8] = []

    /// The entries that were completed by these bytes.
    mutating func take(_ bytes: some Sequence<UInt8>) throws(GranaryError) -> [IndexEntry] {
        var entries: [IndexEntry] = []
        for byte in bytes {
            if let object = try take(byte) { entries.append(try IndexEntry(object)) }
        }
        return entries
    }

    /// Throws unless the array was closed.
    func finish() throws(GranaryError) {
        guard state == .after else { throw .noListing("its array does not end") }
    }

    private mutating func take(_ byte: UInt8) throws(GranaryError) -> [UInt8]? {
        switch (state, byte) {
        case (.before, UInt8(ascii: "[")): state = .between
        case (.between, UInt8(ascii: "]")): state = .after
        case (.between, UInt8(ascii: "{")):
            state = .object
            object = []
        case (.between, UInt8(ascii: ",")): break
        case (.before, _), (.between, _), (.after, _):
            guard isSpace(byte) else { throw .noListing("it is not an array of objects") }
        case (.object, UInt8(ascii: "}")):
            state = .between
            return object
        default: try keep(byte)
        }
        return nil
    }

    private mutating func keep(_ byte: UInt8) throws(GranaryError) {
        guard object.count < objectLimit else { throw .noListing("an object in it has more than \(objectLimit) bytes") }
        object.append(byte)
        switch (state, byte) {
        case (.escape, _): state = .string
        case (.string, UInt8(ascii: "\\")): state = .escape
        case (.string, UInt8(ascii: "\"")): state = .object
        case (.object, UInt8(ascii: "\"")): state = .string
        case (.object, UInt8(ascii: "{")), (.object, UInt8(ascii: "[")):
            throw .noListing("an object in it is not flat")
        default: break
        }
    }
}

/// One object of such a listing.
struct IndexEntry: Sendable, Hashable {
    var name: [UInt8]
    /// `file`, `directory`, or `other`.
    var type: String
    /// In bytes.
    var size: Int64?
    var modified: Timestamp?

    /// - Parameter object: what is between the braces.
    init(_ object: [UInt8]) throws(GranaryError) {
        let members = try Members(object).all
        guard let name = members["name"], !name.isEmpty, let type = members["type"] else {
            throw .noListing("an object in it has no name and type")
        }
        self.name = name
        self.type = String(decoding: type, as: UTF8.self)
        size = members["size"].flatMap { Int64(String(decoding: $0, as: UTF8.self)) }.flatMap { $0 < 0 ? nil : $0 }
        modified = members["mtime"].flatMap { httpDate(String(decoding: $0, as: UTF8.self)) }
    }
}

/// Names and values of a flat object: strings unescaped, anything else as it is written.
private struct Members {
    private(set) var all: [String: [UInt8]] = [:]
    private var rest: ArraySlice<UInt8>

    init(_ object: [UInt8]) throws(GranaryError) {
        rest = object[...]
        skipSpace()
        while !rest.isEmpty {
            let name = try string()
            try expect(UInt8(ascii: ":"))
            let value = rest.first == UInt8(ascii: "\"") ? try string() : word()
            guard all.updateValue(value, forKey: String(decoding: name, as: UTF8.self)) == nil else {
                throw .noListing("an object in it names something twice")
            }
            guard !rest.isEmpty else { return }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func skipSpace() { rest = rest.drop(while: isSpace) }

    private mutating func expect(_ byte: UInt8) throws(GranaryError) {
        skipSpace()
        guard rest.popFirst() == byte else { throw .noListing("an object in it is not JSON") }
        skipSpace()
    }

    private mutating func word() -> [UInt8] {
        let part = rest.prefix { !isSpace($0) && $0 != UInt8(ascii: ",") }
        rest = rest[part.endIndex...]
        skipSpace()
        return Array(part)
    }

    private mutating func string() throws(GranaryError) -> [UInt8] {
        guard rest.popFirst() == UInt8(ascii: "\"") else { throw .noListing("an object in it is not JSON") }
        var bytes: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") { bytes += try escaped() } else { bytes.append(byte) }
        }
        skipSpace()
        return bytes
    }

    private mutating func escaped() throws(GranaryError) -> [UInt8] {
        let simple: [UInt8: UInt8] = [0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09]
        guard let byte = rest.popFirst() else { throw .noListing("an object in it is not JSON") }
        guard byte == UInt8(ascii: "u") else { return [simple[byte] ?? byte] }
        guard rest.count >= 4, let number = UInt32(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16),
            let scalar = UnicodeScalar(number)
        else { throw .noListing("an object in it is not JSON") }
        rest = rest.dropFirst(4)
        return Array(String(scalar).utf8)
    }
}

/// Bytes of one object: a name of 255 bytes, all of them escaped, stays far below.
private let objectLimit = 16 << 10

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
