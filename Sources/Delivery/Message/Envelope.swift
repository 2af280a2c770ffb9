// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// What queues, topics and streams wrap around a message, taken off layer by layer.
enum Envelope {
    /// A CNM arrives in at most four layers (Lambda event, SQS body, SNS notification, text in text); two are to spare.
    static let mostLayers = 6

    /// What was found inside.
    enum Content {
        /// A JSON object that is no wrapper any more.
        case message(JSONObject)
        /// A message of the transport about itself, such as SNS asking for a confirmation; never acted upon.
        case notice(String)
        /// No JSON object; the bytes of the innermost layer and why it could not be read.
        case unreadable([UInt8], String)
    }

    /// Takes off all layers. `path` names them, outermost first.
    static func open(_ bytes: [UInt8]) -> (content: Content, path: [String]) {
        var layer = Layer.bytes(bytes)
        var innermost = bytes
        var path: [String] = []
        for _ in 0...mostLayers {
            do {
                if case .bytes(let bytes) = layer { innermost = bytes }
                switch Step(try layer.value()) {
                case .inside(let name, let next):
                    path.append(name)
                    layer = next
                case .here(let object): return (.message(object), path)
                case .notice(let name): return (.notice(name), path)
                case .nothing(let reason): return (.unreadable(innermost, reason), path)
                }
            } catch {
                return (.unreadable(innermost, (error as? GranaryError)?.message ?? "\(error)"), path)
            }
        }
        return (.unreadable(innermost, "It is wrapped in more than \(mostLayers) layers."), path)
    }

    /// The messages in a batch, each as a message of its own: the records of a stream's or function's event, the
    /// elements of a list. Anything else is one message, unchanged.
    static func parts(of bytes: [UInt8]) -> [[UInt8]] {
        guard let value = try? JSONValue(parsing: bytes, limits: .lenient) else { return [bytes] }
        if let elements = value.array, elements.count > 1 { return elements.map { $0.bytes() } }
        for key in ["Records", "records"] {
            if let records = value[key]?.array, records.count > 1 {
                return records.map { JSONValue.object([key: .array([$0])]).bytes() }
            }
        }
        return [bytes]
    }
}

extension JSONLimits {
    static let lenient = JSONLimits(allowsByteOrderMark: true)
}

/// One layer: text still to be parsed, or a part of what has been.
private enum Layer {
    case bytes([UInt8])
    case parsed(JSONValue)

    func value() throws -> JSONValue {
        switch self {
        case .bytes(let bytes): try JSONValue(parsing: bytes, limits: .lenient)
        case .parsed(let value): value
        }
    }
}

/// What to do with the value of one layer.
private enum Step {
    case inside(String, Layer)
    case here(JSONObject)
    case notice(String)
    case nothing(String)

    init(_ value: JSONValue) {
        switch value {
        case .string(let text): self = .inside("text", .bytes(Array(text.utf8)))
        case .array(let elements) where elements.count == 1: self = .inside("list", .parsed(elements[0]))
        case .array(let elements): self = .nothing("It is a list of \(elements.count) messages inside an envelope.")
        case .object(let object): self = Step(wrapped: object) ?? .here(object)
        default: self = .nothing("It is JSON, but no object.")
        }
    }

    private init?(wrapped object: JSONObject) {
        guard object["product"] == nil, object["response"] == nil else { return nil }
        if let notice = object.notice {
            self = .notice(notice)
        } else if let records = object["Records"] ?? object["records"], records.array?.isEmpty == false {
            self = .inside("records", .parsed(records))
        } else if let record = object["Sns"] ?? object["kinesis"] ?? object["detail"] {
            self = .inside("record", .parsed(record))
        } else if let text = object["Message"]?.string {
            self = .inside("SNS notification", .bytes(Array(text.utf8)))
        } else if let text = object["body"]?.string ?? object["Body"]?.string {
            self = .inside("SQS message", .bytes(Array(text.utf8)))
        } else if let text = object["default"]?.string {
            self = .inside("default", .bytes(Array(text.utf8)))
        } else if let text = object["data"]?.string ?? object["Data"]?.string {
            self = base64Bytes(text).map { .inside("base64", .bytes($0)) } ?? .nothing("Its data are not base64.")
        } else {
            return nil
        }
    }
}

extension JSONObject {
    fileprivate var notice: String? {
        switch (self["Type"]?.string, self["Event"]?.string) {
        case ("SubscriptionConfirmation"?, _), ("UnsubscribeConfirmation"?, _): self["Type"]?.string
        case (_, "s3:TestEvent"?): self["Event"]?.string
        default: nil
        }
    }
}
