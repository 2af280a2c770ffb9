// SPDX-License-Identifier: Apache-2.0

internal import CLibXML2
internal import GranaryCore

/// Reads a document element by element, forward only, in memory that does not grow with it.
///
/// Nothing outside of the document is touched, a DOCTYPE is refused before anything is parsed, and so is what is not
/// UTF-8. What was read may be believed only once `decode` has returned: a document that is cut off fails at its end.
final class XMLReader {
    private let reader: xmlTextReaderPtr
    // The element that was entered last has no content, so its end does not come by itself.
    private var isAtEmpty = false

    /// Reads one whole document: `body` is given the name of the root and has to consume it.
    ///
    /// Throws `answer.invalid` for anything that is not one well-formed document within the bounds.
    static func decode<Value>(_ document: [UInt8], _ body: (String, XMLReader) throws -> Value) throws -> Value {
        guard document.count <= XMLBounds.bytes, !document.isEmpty else { throw refusal("its size is refused") }
        guard String(validating: document, as: UTF8.self) != nil else { throw refusal("it is not UTF-8") }
        guard !document.contains(declaration: "!DOCTYPE"), !document.contains(declaration: "!ENTITY") else {
            throw refusal("it declares a document type or entities")
        }
        return try document.withUnsafeBytes { bytes in
            let reader = try XMLReader(bytes.bindMemory(to: CChar.self))
            guard let root = try reader.nextChild() else { throw refusal("it is empty") }
            let value = try body(root, reader)
            try reader.finish()
            return value
        }
    }

    private init(_ bytes: UnsafeBufferPointer<CChar>) throws {
        _ = prepared
        guard let reader = granary_xml_open(bytes.baseAddress, CInt(bytes.count)) else {
            throw refusal("there is no memory for it")
        }
        self.reader = reader
    }

    deinit { xmlFreeTextReader(reader) }

    /// Enters the next element inside the present one and gives its name without prefix; nil at the present one's end.
    ///
    /// Each element that was entered has to be left: by `text`, by `skip`, or by asking for its children until nil.
    func nextChild() throws -> String? {
        if leaveEmpty() { return nil }
        while try advance() {
            switch kind {
            case XML_READER_TYPE_ELEMENT: return try enter()
            case XML_READER_TYPE_END_ELEMENT: return nil
            default: continue
            }
        }
        throw refusal("it ends too soon")
    }

    /// The text of the present element, which is left.
    func text() throws -> String {
        if leaveEmpty() { return "" }
        var text = ""
        while try advance() {
            switch kind {
            case XML_READER_TYPE_TEXT, XML_READER_TYPE_CDATA, XML_READER_TYPE_SIGNIFICANT_WHITESPACE,
                XML_READER_TYPE_WHITESPACE:
                text += value
            case XML_READER_TYPE_ELEMENT:
                _ = try enter()
                try skip()
            case XML_READER_TYPE_END_ELEMENT: return text
            default: continue
            }
        }
        throw refusal("it ends too soon")
    }

    /// Leaves the present element, whatever is in it.
    func skip() throws {
        var depth = 1
        while depth > 0 { depth += try nextChild() == nil ? -1 : 1 }
    }

    private func finish() throws {
        while try advance() {
            guard kind != XML_READER_TYPE_ELEMENT else { throw refusal("it has more than one root") }
        }
    }
}

extension XMLReader {
    private var kind: xmlReaderTypes { xmlReaderTypes(UInt32(bitPattern: xmlTextReaderNodeType(reader))) }
    private var name: String { xmlTextReaderConstLocalName(reader).map { String(cString: $0) } ?? "" }
    private var value: String { xmlTextReaderConstValue(reader).map { String(cString: $0) } ?? "" }

    private func enter() throws -> String {
        guard xmlTextReaderDepth(reader) < XMLBounds.depth else { throw refusal("it is nested too deep") }
        isAtEmpty = xmlTextReaderIsEmptyElement(reader) == 1
        return name
    }

    private func leaveEmpty() -> Bool {
        defer { isAtEmpty = false }
        return isAtEmpty
    }

    /// Goes to the next node; false after the last.
    private func advance() throws -> Bool {
        switch xmlTextReaderRead(reader) {
        case 1:
            guard kind != XML_READER_TYPE_ENTITY_REFERENCE, kind != XML_READER_TYPE_DOCUMENT_TYPE else {
                throw refusal("it uses an entity")
            }
            return true
        case 0: return false
        default: throw refusal("it is not well-formed, or was cut off")
        }
    }
}

/// What a service's answer never exceeds.
private enum XMLBounds {
    /// Bytes: a page of a thousand keys, each of 1024 bytes and percent-encoded, stays below.
    static let bytes = 8 << 20
    static let depth: CInt = 16
}

/// libxml2 prepares itself once, before its first use on any thread.
private let prepared: Void = granary_xml_prepare()

private func refusal(_ fault: String) -> GranaryError {
    GranaryError(
        .answerInvalid, "The server's XML answer can't be believed: \(fault).",
        remedy: "Check that the endpoint is the service that it should be, and no proxy answers in its place.",
        disposition: .retry(after: nil))
}

extension GranaryError.Code {
    static let answerInvalid: Self = "answer.invalid"
}

extension [UInt8] {
    /// True when a declaration of this name begins anywhere, a comment or CDATA included.
    fileprivate func contains(declaration name: StaticString) -> Bool {
        withUnsafeBytes { bytes in
            let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
            var rest = bytes[...]
            while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
                rest = rest[(open + 1)...]
                if rest.starts(with: name) { return true }
            }
            return false
        }
    }
}
