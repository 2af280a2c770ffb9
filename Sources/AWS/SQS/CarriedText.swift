// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Whether SQS and SNS carry a message: text of at most 1 MiB, of the characters that XML 1.0 has.
enum CarriedText {
    /// The text of a message's body. Throws an error for quarantine: such a message can never be sent as it is.
    static func of(_ message: OutgoingMessage, limit: Int) throws(GranaryError) -> String {
        guard !message.body.isEmpty else { throw refusal(message, "is empty") }
        guard size(of: message) <= limit else {
            throw refusal(message, "has \(size(of: message)) bytes with its attributes; the limit is \(limit)")
        }
        guard let text = String(validating: message.body, as: UTF8.self) else { throw refusal(message, "is not UTF-8") }
        if let code = uncarried(text) { throw refusal(message, "holds the character U+\(code), which is not carried") }
        return text
    }

    /// Bytes of body and attributes, as the services count them.
    static func size(of message: OutgoingMessage) -> Int {
        message.attributes.reduce(message.body.count) { $0 + $1.key.utf8.count + $1.value.utf8.count + 6 }
    }

    /// The first character that is not carried, in hexadecimal.
    private static func uncarried(_ text: String) -> String? {
        // Nearly every message has nothing but plain letters, which bytes tell faster than scalars.
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        if isPlain { return nil }
        return text.unicodeScalars.first { !isCarried($0.value) }.map { String($0.value, radix: 16, uppercase: true) }
    }

    private static func isCarried(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    private static func refusal(_ message: OutgoingMessage, _ reason: String) -> GranaryError {
        let name = BytePath(message.identifier).description
        return GranaryError(
            .invalid, "Message '\(name)' can't be sent: it \(reason).", subject: name,
            remedy: "Change what makes the message so: the name of a file in it, or how much one message lists.",
            disposition: .quarantine)
    }
}

/// Names that FIFO queues and topics take: at most 128 letters, digits and punctuation marks.
enum FIFOName {
    /// The message group.
    static func group(of message: OutgoingMessage) -> String { fitting(message.group) }

    /// The same for every try of one sending, so that the service drops repeats; another for the next sending.
    static func deduplication(of message: OutgoingMessage) -> String {
        fitting("\(message.identifier)#\(message.occasion)")
    }

    /// The name itself when it fits, else its SHA-256.
    private static func fitting(_ name: String) -> String {
        let fits = (1...128).contains(name.utf8.count) && name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return fits ? name : Checksum(.sha256, of: Array(name.utf8)).hex
    }
}
