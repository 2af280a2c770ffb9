// SPDX-License-Identifier: Apache-2.0

package import GranaryCore
package import GranaryTransfer

/// What a service says went wrong, in its own words. The cause of the `GranaryError` that callers see.
package struct AWSFault: Error, Sendable, Hashable {
    /// Of HTTP; 200 where the error came inside a success.
    package var status: Int
    /// `NoSuchKey`, `QueueDoesNotExist`; when the service gave none, the status.
    package var code: String
    /// At most `longestMessage` letters.
    package var message: String
    /// What the service's operators ask for.
    package var requestID: String?
    /// The service's clock.
    package var serverTime: Timestamp?
    /// The least time to wait that the service names.
    package var retryAfter: Duration?
    /// The region that the service says the bucket is in.
    package var region: String?
    /// True when the rest of the batch was taken.
    package var isOfOneEntry = false
    /// True when the message is about the time of a signature; it comes under the word of any bad signature.
    let speaksOfTime: Bool

    private static let longestMessage = 400

    package init(status: Int, code: String, message: String = "") {
        self.status = status
        self.code = code
        self.message = String(message.prefix(Self.longestMessage))
        speaksOfTime = message.hasPrefix("Signature expired") || message.hasPrefix("Signature not yet current")
    }

    /// Reads an answer that is an error, in any of the protocols: JSON, Query, REST with XML, or nothing at all (HEAD).
    package init(_ answer: TransferAnswer) {
        let words = Self.words(answer)
        self.init(status: answer.status, code: words.code ?? String(answer.status), message: words.message ?? "")
        requestID =
            ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"].lazy.compactMap(answer.header).first
        serverTime = answer.header("date").flatMap(httpDate)
        retryAfter = answer.header("retry-after").flatMap(Int64.init).map { .seconds(max(0, $0)) }
        region = answer.header("x-amz-bucket-region")
    }

    private typealias Words = (code: String?, message: String?)

    private static func words(_ answer: TransferAnswer) -> Words {
        let stated = answer.header("x-amzn-errortype").map(shortened)
        if answer.body.first(where: { !isSpace($0) }) == UInt8(ascii: "{") {
            let found = jsonWords(answer.body)
            return (stated ?? found.code, found.message)
        }
        let document = ErrorDocument(answer.body)
        return (stated ?? document?.code, document?.message)
    }

    private static func jsonWords(_ body: [UInt8]) -> Words {
        guard let json = try? JSONValue(parsing: body) else { return (nil, nil) }
        let code = (json["__type"] ?? json["code"] ?? json["Code"])?.string.map(shortened)
        return (code, (json["message"] ?? json["Message"])?.string)
    }

    /// `com.amazonaws.sqs#QueueDoesNotExist:http://…` is `QueueDoesNotExist`.
    private static func shortened(_ code: String) -> String {
        let name = code.prefix { $0 != ":" && $0 != ";" }
        return String(name.split(separator: "#").last ?? name)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension AWSFault: CustomStringConvertible {
    package var description: String {
        let id = requestID.map { ", request \($0)" } ?? ""
        return "\(code) (status \(status)\(id))\(message.isEmpty ? "" : ": \(message)")"
    }
}

extension GranaryError {
    /// The word of the service that is behind this, where a service is.
    package var awsFault: AWSFault? { cause as? AWSFault }
}
