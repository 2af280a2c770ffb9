// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// A request of one of the JSON protocols: SQS speaks version 1.0 of it, Kinesis 1.1.
struct JSONAsk {
    var operation: Operation
    var input: JSONValue
    var faults: [Fault] = []
    /// By the clock of messages.
    var now = Timestamp(seconds: 0)

    /// Nil when no `x-amz-target` that is known here names an operation.
    init?(_ request: Request) {
        guard let target = request.header("x-amz-target"), let word = target.split(separator: ".").last else {
            return nil
        }
        let service = target.hasPrefix("AmazonSQS.") ? "SQS" : target.hasPrefix("Kinesis_20131202.") ? "Kinesis" : ""
        operation = Operation(rawValue: "\(service).\(word)") ?? .unknown
        input = (try? JSONValue(parsing: request.body)) ?? .null
    }

    var isKinesis: Bool { operation.rawValue.hasPrefix("Kinesis") }

    func text(_ name: String) -> String? { input[name]?.string }
    func number(_ name: String) -> Int? { input[name]?.integer.map { Int($0) } }

    /// A text that must be there.
    func needed(_ name: String) throws(Refusal) -> String {
        guard let text = text(name) else { throw Refusal(400, "MissingParameter", "The request must contain \(name)") }
        return text
    }

    /// The queue or stream that is meant.
    var subject: String {
        if let name = text("QueueName") ?? text("StreamName") { return name }
        let address = text("QueueUrl") ?? text("StreamARN") ?? ""
        return address.split(separator: "/").last.map(String.init) ?? ""
    }
}

extension Reply {
    static func json(_ value: JSONValue) -> Reply {
        Reply(200, [Header(name: "content-type", value: "application/x-amz-json-1.0")], body: value.bytes())
    }

    /// A refusal as the JSON protocols say it.
    static func json(_ refusal: Refusal, isKinesis: Bool) -> Reply {
        var type = refusal.code
        if ["SignatureDoesNotMatch", "RequestTimeTooSkewed"].contains(type) { type = "InvalidSignatureException" }
        if type == "InvalidAccessKeyId" { type = "UnrecognizedClientException" }
        let name = isKinesis ? type : "com.amazonaws.sqs#\(type)"
        let status = refusal.status == 403 ? (isKinesis ? 400 : 403) : refusal.status
        var reply = Reply(
            status, [Header(name: "content-type", value: "application/x-amz-json-1.\(isKinesis ? 1 : 0)")],
            body: JSONValue.object(["__type": .string(name), "message": .string(refusal.explained)]).bytes())
        if !isKinesis, refusal.status != 403 {
            let old = type == "QueueDoesNotExist" ? "NonExistentQueue" : type
            let side = refusal.status < 500 ? "Sender" : "Receiver"
            reply.set("x-amzn-query-error", "AWS.SimpleQueueService.\(old);\(side)")
        }
        reply.headers += refusal.headers
        return reply
    }
}

extension Refusal {
    /// The message, and for a clock that is wrong what AWS says of it outside S3.
    var explained: String {
        guard code == "RequestTimeTooSkewed" else { return message }
        let time = { (name: String) in details.first { $0.name == name }?.value ?? "" }
        return "Signature expired: \(time("RequestTime")) is now earlier than \(time("ServerTime")) (15 min.)"
    }
}
