// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension PartnerMessage {
    /// Reads whatever a partner sent; never fails. The same bytes always read the same.
    public init(reading bytes: [UInt8]) {
        let (content, path) = Envelope.open(bytes)
        switch content {
        case .message(let object): self.init(object, path: path)
        case .notice(let name):
            self.init(content: .notice(name), identifier: nil, path: path, deviations: [], object: [:])
        case .unreadable(let innermost, let reason):
            self.init(
                content: .unreadable(reason), identifier: identifierByEye(innermost), path: path, deviations: [],
                object: [:])
        }
    }

    private init(_ object: JSONObject, path: [String]) {
        var reading = MessageReading(object)
        let identifier = reading.identifier()
        let content = reading.content()
        self.init(
            content: content, identifier: identifier, path: path, deviations: reading.deviations, object: object)
    }
}

/// Reads one message and writes down what is odd about it.
struct MessageReading {
    let message: JSONObject
    private(set) var deviations: [String] = []

    init(_ message: JSONObject) { self.message = message }

    mutating func deviates(_ place: String, _ what: String) { deviations.append("\(place): \(what)") }

    mutating func identifier() -> String? {
        switch message["identifier"] {
        case .string(let text) where !text.isEmpty: return text
        case .integer(let number):
            deviates("identifier", "a number instead of text")
            return String(number)
        default:
            deviates("identifier", "missing")
            return nil
        }
    }

    mutating func content() -> PartnerMessage.Content {
        if message["response"]?.object != nil { return response() }
        if message["product"]?.object != nil { return .submission(submission()) }
        return .unreadable("It has neither a `response` nor a `product`.")
    }

    private mutating func submission() -> PartnerSubmission {
        let version = version()
        var submission = PartnerSubmission(
            version: version, provider: text("provider"), collection: collection(),
            submissionTime: submissionTime(), files: [])
        let product = message["product"]?.object ?? [:]
        submission.productName = text("name", of: product, at: "product", isRequired: true)
        submission.dataVersion = dataVersion(product)
        submission.processingType = processingType(product)
        submission.files = files(of: product)
        return submission
    }

    private mutating func response() -> PartnerMessage.Content {
        _ = version()
        _ = collection()
        let answer = message["response"]?.object ?? [:]
        guard let outcome = outcome(answer) else {
            return .unreadable("Its `response.status` is neither SUCCESS nor FAILURE.")
        }
        var response = PartnerResponse(outcome: outcome)
        response.errorCode = answer["errorCode"]?.string
        response.errorMessage = answer["errorMessage"]?.string
        response.submissionTime = time("submissionTime")
        response.receivedTime = time("receivedTime")
        response.processCompleteTime = time("processCompleteTime")
        let metadata = ingestionMetadata(answer)
        response.catalogID = metadata["catalogId"]?.string
        response.catalogURL = metadata["catalogUrl"]?.string
        response.files = message["product"]?.object.map { files(of: $0) }
        return .response(response)
    }
}

extension MessageReading {
    private mutating func version() -> String? {
        guard let version = message["version"]?.string else {
            deviates("version", "missing")
            return nil
        }
        if !MessageProfile.versions.contains(version) { deviates("version", "\(shown(version)) is none of CNM's") }
        return version
    }

    private mutating func collection() -> PartnerCollection? {
        switch message["collection"] {
        case .string(let name) where !name.isEmpty: return PartnerCollection(name: name)
        case .object(let object):
            guard let name = object["name"]?.string, !name.isEmpty else { break }
            if object["version"]?.string == nil { deviates("collection.version", "missing") }
            return PartnerCollection(name: name, version: object["version"]?.string)
        default: break
        }
        deviates("collection", "missing")
        return nil
    }

    /// CNM 1.0's own first senders called it `deliveryTime`, and some still do.
    private mutating func submissionTime() -> Timestamp? {
        guard message["submissionTime"] == nil, message["deliveryTime"] != nil else { return time("submissionTime") }
        deviates("submissionTime", "called deliveryTime")
        return time("deliveryTime")
    }

    private mutating func time(_ key: String) -> Timestamp? {
        guard let text = message[key]?.string else {
            deviates(key, "missing")
            return nil
        }
        guard let moment = Timestamp(parsing: text) else {
            deviates(key, "\(shown(text)) is no time")
            return nil
        }
        if let oddity = oddity(ofTime: text) { deviates(key, "\(shown(text)) \(oddity)") }
        return moment
    }

    private mutating func dataVersion(_ product: JSONObject) -> String? {
        switch product["dataVersion"] {
        case .string(let text): return text
        case .integer(let number):
            deviates("product.dataVersion", "a number instead of text")
            return String(number)
        default: return nil
        }
    }

    private mutating func processingType(_ product: JSONObject) -> ProcessingType? {
        guard let text = product["dataProcessingType"]?.string else { return nil }
        let type = ProcessingType(rawValue: text.lowercased())
        if type?.rawValue != text { deviates("product.dataProcessingType", "spelled \(shown(text))") }
        return type
    }

    private mutating func outcome(_ answer: JSONObject) -> ResponseOutcome? {
        let status = answer["status"]?.string ?? ""
        switch status.uppercased() {
        case "SUCCESS":
            if status != "SUCCESS" { deviates("response.status", "spelled \(shown(status))") }
            return .success
        case "FAILURE", "FAILED", "FAIL":
            if status != "FAILURE" { deviates("response.status", "spelled \(shown(status))") }
            return .failure(errorCode(answer))
        default: return nil
        }
    }

    private mutating func errorCode(_ answer: JSONObject) -> ResponseError? {
        guard let code = answer["errorCode"]?.string else {
            deviates("response.errorCode", "missing")
            return nil
        }
        if let known = ResponseError(rawValue: code) { return known }
        // CNM before 1.3 said ACCESS_ERROR for what is TRANSFER_ERROR since.
        if code == "ACCESS_ERROR" { return .transfer }
        deviates("response.errorCode", "\(shown(code)) is none of CNM's")
        return nil
    }

    private mutating func ingestionMetadata(_ answer: JSONObject) -> JSONObject {
        if let metadata = answer["ingestionMetadata"]?.object { return metadata }
        guard let metadata = message["ingestionMetadata"]?.object else { return [:] }
        deviates("response.ingestionMetadata", "stands beside the response instead of inside")
        return metadata
    }

    /// A member that should be text and not empty.
    mutating func text(
        _ key: String, of object: JSONObject? = nil, at place: String? = nil, isRequired: Bool = false
    ) -> String? {
        let name = place.map { "\($0).\(key)" } ?? key
        switch (object ?? message)[key] {
        case .string(let text) where !text.isEmpty: return text
        case nil where !isRequired: return nil
        case nil: deviates(name, "missing")
        case .string: deviates(name, "empty")
        default: deviates(name, "not text")
        }
        return nil
    }
}

/// What keeps a readable time from being RFC 3339 in UTC.
private func oddity(ofTime text: String) -> String? {
    let bytes = Array(text.utf8)
    let zoned = bytes.dropFirst(19).contains { "+-".utf8.contains($0) }
    switch (bytes.last == UInt8(ascii: "Z"), zoned) {
    case (true, true): return "has two zones"
    case (false, false): return "has no zone and is taken as UTC"
    default: return bytes.count > 10 && bytes[10] == UInt8(ascii: "T") ? nil : "has no T between date and time"
    }
}

/// Text from a partner as it is shown in remarks: never more than a line.
func shown(_ text: String) -> String {
    let start = String(text.unicodeScalars.prefix(80))
    return JSONValue.string(start.utf8.count < text.utf8.count ? start + "…" : start).text
}

/// The first `"identifier": "…"` in bytes that are not JSON as a whole.
private func identifierByEye(_ bytes: [UInt8]) -> String? {
    let key = Array("\"identifier\"".utf8)
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    var rest = bytes[...]
    while let start = rest.firstIndex(of: key[0]) {
        rest = rest[start...]
        guard rest.starts(with: key) else {
            rest = rest.dropFirst()
            continue
        }
        rest = rest.dropFirst(key.count).drop(while: isSpace)
        guard rest.first == UInt8(ascii: ":") else { continue }
        rest = rest.dropFirst().drop(while: isSpace)
        guard rest.first == UInt8(ascii: "\"") else { continue }
        let text = rest.dropFirst().prefix(1025).prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        guard !text.isEmpty, text.count <= 1024 else { continue }
        return String(validating: text, as: UTF8.self)
    }
    return nil
}
