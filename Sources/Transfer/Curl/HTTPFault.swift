// SPDX-License-Identifier: Apache-2.0

import CCurl
package import GranaryCore

/// What an http status that is no success means for the one who asked.
///
/// - Parameter doing: what was tried, as the rest of a sentence: `list`, `fetch`.
/// - Parameter subject: for people; without a query.
package func httpFault(_ answer: TransferAnswer, doing: String, subject: String) -> GranaryError {
    let (code, what, disposition, remedy) = judge(answer)
    return GranaryError(
        code, "Could not \(doing) '\(subject)': \(what) (HTTP \(answer.status)).", subject: subject, remedy: remedy,
        disposition: disposition)
}

extension TransferAnswer {
    /// What `Retry-After` asks for, in seconds or as a date against the server's own `Date`; an hour at most.
    package var retryAfter: Duration? {
        guard let text = header("Retry-After") else { return nil }
        if let seconds = Int64(text) { return seconds < 0 ? nil : min(.seconds(seconds), longestWait) }
        guard let until = httpDate(text), let now = header("Date").flatMap(httpDate) else { return nil }
        return max(.zero, min(until - now, longestWait))
    }
}

/// A date as http headers have it, nil when it is none.
package func httpDate(_ text: String) -> Timestamp? {
    let seconds = curl_getdate(text, nil)
    return seconds < 0 ? nil : Timestamp(seconds: Int64(seconds))
}

/// A server that asks for more is asked again after this.
private let longestWait: Duration = .seconds(3600)

private func judge(_ answer: TransferAnswer) -> (GranaryError.Code, String, GranaryError.Disposition, String) {
    switch answer.status {
    case 300..<400:
        let host = answer.header("Location").map { "the server redirects to '\(BytePath(withoutQuery($0)))'" }
        return (
            .redirectRefused, host ?? "the server redirects", .stop,
            "Configure the address it redirects to, or list that host among those that redirects may lead to."
        )
    case 401, 407: return (.loginRefused, "the login was refused", .stop, "Check user and password.")
    case 403: return (.denied, "access is denied", .quarantine, "Give the user access to it, then retry.")
    case 404, 410:
        return (.notFound, "there is no such file", .retry(after: nil), "List the place to see what is there now.")
    case 412, 416:
        return (.sourceChanged, "it has changed", .retry(after: nil), "It is tried again as it is then.")
    case 507:
        return (
            .storeFull, "the server has no room", .retry(after: answer.retryAfter ?? .seconds(60)),
            "Free space or raise the quota; it is tried again."
        )
    case 501, 505: return (.requestRefused, "the server does not know how", .stop, "Use a server that supports it.")
    case 408, 409, 423, 425, 429, 500..<600:
        return (
            .serverFailed, "the server could not do it now", .retry(after: answer.retryAfter),
            "Look at the server's log if it lasts; it is tried again."
        )
    default:
        return (.requestRefused, "the server refused it", .quarantine, "Look at the server's log for the reason.")
    }
}

private func withoutQuery(_ location: String) -> String { String(location.prefix { $0 != "?" }) }
