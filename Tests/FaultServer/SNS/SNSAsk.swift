// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// A request of the Query protocol, as SNS speaks it.
struct SNSAsk {
    var operation: Operation
    var form: [String: String]
    var faults: [Fault] = []
    var now = Timestamp(seconds: 0)

    /// Nil when this is no form with an action.
    init?(_ request: Request) {
        guard request.method == "POST", request.header("x-amz-target") == nil,
            request.header("content-type")?.hasPrefix("application/x-www-form-urlencoded") == true
        else { return nil }
        form = Request.parameters(String(decoding: request.body, as: UTF8.self))
        guard let action = form["Action"] else { return nil }
        operation = Operation(rawValue: "SNS.\(action)") ?? .unknown
    }

    /// The topic that is meant.
    var subject: String { form["Name"] ?? form["TopicArn"]?.split(separator: ":").last.map(String.init) ?? "" }

    /// The pairs of `Attributes.entry.N.key` and `.value` below a prefix.
    func pairs(_ prefix: String) -> [String: String] {
        var found: [String: String] = [:]
        var number = 1
        while let key = form["\(prefix).entry.\(number).key"] {
            found[key] = form["\(prefix).entry.\(number).value"] ?? ""
            number += 1
        }
        return found
    }

    /// Message attributes below a prefix, in the form that SQS gives them.
    func messageAttributes(_ prefix: String) -> JSONObject {
        var members: [(String, JSONValue)] = []
        var number = 1
        while let name = form["\(prefix)MessageAttributes.entry.\(number).Name"] {
            let value = "\(prefix)MessageAttributes.entry.\(number).Value"
            var attribute: JSONValue = ["DataType": .string(form["\(value).DataType"] ?? "String")]
            if let text = form["\(value).StringValue"] { attribute["StringValue"] = .string(text) }
            if let bytes = form["\(value).BinaryValue"] { attribute["BinaryValue"] = .string(bytes) }
            members.append((name, attribute))
            number += 1
        }
        return JSONObject(members)
    }
}

extension Reply {
    private static let nameSpace = "http://sns.amazonaws.com/doc/2010-03-31/"
    private static let metadata = XML("ResponseMetadata", [XML("RequestId", "fault-request")])

    static func sns(_ operation: Operation, _ result: [XML]) -> Reply {
        let action = operation.rawValue.split(separator: ".").last.map(String.init) ?? ""
        return .xml(XML("\(action)Response", [XML("\(action)Result", result), metadata]), nameSpace: nameSpace)
    }

    /// A refusal as the Query protocol says it.
    static func sns(_ refusal: Refusal) -> Reply {
        let code =
            switch refusal.code {
            case "RequestTimeTooSkewed": "SignatureDoesNotMatch"
            case "InvalidAccessKeyId": "InvalidClientTokenId"
            default: refusal.code
            }
        let error = XML(
            "Error",
            [
                XML("Type", refusal.status < 500 ? "Sender" : "Receiver"), XML("Code", code),
                XML("Message", refusal.explained),
            ])
        var reply = Reply.xml(
            XML("ErrorResponse", [error, XML("RequestId", "fault-request")]), status: refusal.status,
            nameSpace: nameSpace)
        reply.headers += refusal.headers
        return reply
    }
}
