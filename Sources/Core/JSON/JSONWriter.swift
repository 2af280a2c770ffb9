// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// The value as compact JSON: no spaces, members in their order, the same bytes every time.
    ///
    /// A `number` that is infinite or not a number has no JSON spelling and is written as `null`.
    public var text: String { text(pretty: false) }

    /// The value as JSON; `pretty` puts every member on a line of its own, for people.
    public func text(pretty: Bool) -> String { String(decoding: bytes(pretty: pretty), as: UTF8.self) }

    /// What `text` is, as UTF-8 bytes ready to send.
    public func bytes(pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        writer.write(self)
        return writer.bytes
    }
}

extension JSONValue: CustomStringConvertible {
    public var description: String { text }
}

struct JSONWriter {
    let pretty: Bool
    private(set) var bytes: [UInt8] = []
    private var level = 0

    init(pretty: Bool) { self.pretty = pretty }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: write("null")
        case .boolean(let value): write(value ? "true" : "false")
        case .integer(let value): write(String(value))
        case .number(let value): write(value.isFinite ? value.description : "null")
        case .string(let value): writeString(value)
        case .array(let values): writeList("[", "]", values) { $0.write($1) }
        case .object(let object): writeList("{", "}", object.members) { $0.writeMember($1.key, $1.value) }
        }
    }

    private mutating func write(_ text: String) { bytes += text.utf8 }

    private mutating func writeMember(_ key: String, _ value: JSONValue) {
        writeString(key)
        write(pretty ? ": " : ":")
        write(value)
    }

    private mutating func writeList<Element>(
        _ opening: String, _ closing: String, _ elements: [Element], each: (inout JSONWriter, Element) -> Void
    ) {
        write(opening)
        level += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { write(",") }
            startLine()
            each(&self, element)
        }
        level -= 1
        if !elements.isEmpty { startLine() }
        write(closing)
    }

    private mutating func startLine() {
        guard pretty else { return }
        bytes.append(0x0A)
        bytes += repeatElement(0x20, count: 2 * level)
    }

    private mutating func writeString(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22: write("\\\"")
            case 0x5C: write("\\\\")
            case 0x0A: write("\\n")
            case 0x0D: write("\\r")
            case 0x09: write("\\t")
            case 0..<0x20:
                write(byte < 0x10 ? "\\u000" : "\\u00")
                write(String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
