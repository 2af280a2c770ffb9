// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Hummingbird

/// A `GranaryError` over HTTP: a problem (RFC 9457) whose further members carry the whole error to the other side.
///
///     {"title": "Not Found", "status": 404, "detail": "No arrival 17.",
///      "code": "not.found", "subject": "17", "remedy": "List them with …", "disposition": "stop"}
///
/// `type` is left out, which stands for `about:blank`: `code` is the stable word that tells errors apart.
extension GranaryError {
    static let problemType = "application/problem+json"

    /// Any error as ours: one that nobody put into words is the service's own fault.
    init(reporting error: any Error) {
        if let error = error as? GranaryError {
            self = error
        } else {
            self.init(
                .serviceFailed, "The service failed while it worked on the request.",
                remedy: "Look into the service's log; if it happens again, report it with that part of the log.",
                cause: error)
        }
    }

    var problem: JSONValue {
        var problem: JSONValue = ["title": .string(status.reasonPhrase), "status": .integer(Int64(status.code))]
        for (key, value) in members { problem[key] = value }
        return problem
    }

    /// The error without its dress as a problem.
    var members: [(String, JSONValue)] {
        let all: [(String, JSONValue?)] = [
            ("detail", .string(message)), ("code", .string(code.rawValue)), ("subject", subject.map(JSONValue.string)),
            ("because", cause.map { .string("\($0)") }), ("remedy", .string(remedy)),
            ("disposition", .string(disposition.word)), ("retryAfter", retryAfter.map(JSONValue.integer)),
        ]
        return all.compactMap { key, value in value.map { (key, $0) } }
    }

    /// Whole seconds, rounded up, as HTTP counts them.
    var retryAfter: Int64? {
        guard case .retry(let after?) = disposition else { return nil }
        return after.components.seconds + (after.components.attoseconds > 0 ? 1 : 0)
    }

    var status: HTTPResponse.Status {
        switch code {
        case .invalid, .filterInvalid, .configurationInvalid: .badRequest
        case .notFound: .notFound
        case .methodRefused: .methodNotAllowed
        case .limitReached: .contentTooLarge
        case .denied, .pathRefused: .forbidden
        case .stateConflict, .leaseLost, .locked, .sourceChanged: .conflict
        default: disposition.status
        }
    }
}

extension GranaryError {
    /// The error that a problem tells of; nil when it is not one of ours.
    init?(problem: JSONValue) {
        guard let code = problem["code"]?.string, let message = problem["detail"]?.string,
            let remedy = problem["remedy"]?.string, let word = problem["disposition"]?.string,
            let disposition = Disposition(word: word, retryAfter: problem["retryAfter"]?.integer)
        else { return nil }
        self.init(
            Code(rawValue: code), message, subject: problem["subject"]?.string, remedy: remedy,
            disposition: disposition, cause: problem["because"]?.string.map(ToldCause.init))
    }

    /// Why, in the words of the other side.
    private struct ToldCause: Error, CustomStringConvertible {
        let description: String
    }
}

extension GranaryError.Disposition {
    fileprivate init?(word: String, retryAfter: Int64?) {
        switch word {
        case "retry": self = .retry(after: retryAfter.map { .seconds($0) })
        case "quarantine": self = .quarantine
        case "stop": self = .stop
        default: return nil
        }
    }

    fileprivate var word: String {
        switch self {
        case .retry: "retry"
        case .quarantine: "quarantine"
        case .stop: "stop"
        }
    }

    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .retry: .serviceUnavailable
        case .quarantine: .unprocessableContent
        case .stop: .internalServerError
        }
    }
}
