// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import GranaryTransfer

extension GranaryError.Code {
    public static let credentialsRefused: Self = "credentials.refused"
    public static let credentialsExpired: Self = "credentials.expired"
    public static let clockWrong: Self = "clock.wrong"
    public static let regionWrong: Self = "region.wrong"
    public static let serviceBusy: Self = "service.busy"
    public static let serviceUnsupported: Self = "service.unsupported"
}

extension AWSFault {
    /// The fault as the one error that crosses a module's border.
    ///
    /// What a service says of a bad signature quotes the signed request, a session's token with it: that is left out.
    ///
    /// - Parameters:
    ///   - doing: what was asked for, as a verb: `send messages to`.
    ///   - subject: whom: a queue, a bucket.
    package func error(doing: String, subject: String) -> GranaryError {
        let rule = rule
        var kept = self
        if rule.quotesRequest { kept.message = "" }
        let reason = kept.message.isEmpty ? "" : " (\(kept.message))"
        return GranaryError(
            rule.code, "Can't \(doing) '\(subject)': \(rule.sentence), \(code)\(reason).", subject: subject,
            remedy: rule.remedy, disposition: rule.disposition, cause: kept)
    }

    private struct Rule {
        var code: GranaryError.Code
        var sentence: String
        var remedy: String
        var disposition = GranaryError.Disposition.stop
        var quotesRequest = false
    }

    private var rule: Rule {
        switch kind {
        case .busy, .failed, .badBytes: passing
        case .expired, .credentials, .denied, .clock: aboutWho
        case .missing, .conflict, .wrongRegion, .message, .unsupported, .refused: aboutWhat
        }
    }

    private var passing: Rule {
        let again = GranaryError.Disposition.retry(after: retryAfter)
        return switch kind {
        case .busy:
            Rule(
                code: .serviceBusy, sentence: "the service asks to slow down",
                remedy: "Nothing: it goes on more slowly. If it lasts, have the limit raised.", disposition: again)
        case .badBytes:
            Rule(
                code: .checksumMismatch, sentence: "the bytes that arrived are not those that were sent",
                remedy: "Nothing: they are sent again. If it lasts, look for a proxy that changes them.",
                disposition: again)
        default:
            Rule(
                code: .serverFailed, sentence: "the service failed",
                remedy: "Nothing: it is tried again. If it lasts, look at the service's own health.",
                disposition: again)
        }
    }

    private var aboutWho: Rule {
        switch kind {
        case .expired:
            Rule(
                code: .credentialsExpired, sentence: "the credentials have expired",
                remedy: "Renew them, or let them come from a source that does so by itself.",
                disposition: .retry(after: nil), quotesRequest: true)
        case .clock:
            Rule(
                code: .clockWrong, sentence: "this machine's clock and the service's are too far apart",
                remedy: "Put the clock right (NTP).", quotesRequest: true)
        case .denied:
            Rule(
                code: .denied, sentence: "the credentials are good but may not do that",
                remedy: "Allow the action for these credentials, in their policy and in that of the resource.")
        default:
            Rule(
                code: .credentialsRefused, sentence: "the credentials were refused",
                remedy: "Check access key, secret and session token, and that they belong to this endpoint.",
                quotesRequest: true)
        }
    }

    private var aboutWhat: Rule {
        switch kind {
        case .missing:
            Rule(code: .notFound, sentence: "it does not exist", remedy: "Check its name, account and region.")
        case .conflict:
            Rule(
                code: .stateConflict, sentence: "something else stands there",
                remedy: "Look at what is there; nothing was changed.")
        case .wrongRegion:
            Rule(
                code: .regionWrong, sentence: "it is in \(region.map { "region \($0)" } ?? "another region")",
                remedy: "Configure the region that it is in.")
        case .message:
            Rule(
                code: .invalid, sentence: "the service does not carry this message",
                remedy: "Correct the message: its length and its characters.", disposition: .quarantine)
        case .unsupported:
            Rule(
                code: .serviceUnsupported, sentence: "the service does not know this",
                remedy: "Use an endpoint that supports it.")
        default:
            Rule(
                code: .requestRefused, sentence: "the service refused the request",
                remedy: "Check the configuration against what the service says.")
        }
    }
}
