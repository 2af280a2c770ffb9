// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// The attributes that accompany a message on transports that carry them, for the subscription filters of receivers.
///
/// Read from the message's own bytes, so that a resend carries the same.
func messageAttributes(of body: [UInt8]) -> [String: String] {
    guard let message = try? JSONValue(parsing: body) else { return [:] }
    let candidates: [String: String?] = [
        "COLLECTION": message["collection"]?.string ?? message["collection"]?["name"]?.string,
        "CNM_RESPONSE_STATUS": message["response"]?["status"]?.string,
        "DATA_VERSION": message["product"]?["dataVersion"]?.string,
        "dataProcessingType": message["product"]?["dataProcessingType"]?.string,
        "trace": message["trace"]?.string,
    ]
    return candidates.compactMapValues { $0 }
}

extension OutgoingMessage {
    /// The same message, in order with those of its collection and with no others.
    var groupedByCollection: OutgoingMessage {
        var message = self
        if let collection = attributes["COLLECTION"], !collection.isEmpty { message.group = collection }
        return message
    }
}
