// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Whether and how a redirect is followed. One that is not is an answer like any other, which `httpFault` refuses.
enum Redirect {
    static let most = 5

    /// The request that follows the redirect in `answer`, nil when there is none or none that may be followed.
    ///
    /// Only what asks, never what sends, and only to the hosts that configuration names. Nothing secret goes along to
    /// another origin.
    static func next(of request: TransferRequest, at url: TransferURL, _ answer: TransferAnswer) -> TransferRequest? {
        guard [301, 302, 303, 307, 308].contains(answer.status), ["GET", "HEAD"].contains(request.method),
            case .none = request.body, let location = answer.header("Location"), let target = url.following(location),
            isAllowed(from: url, to: target, request.access.redirectHosts)
        else { return nil }
        var next = request
        next.url = target.text
        if target.origin != url.origin { next.dropSecrets() }
        return next
    }

    static func isAllowed(from url: TransferURL, to target: TransferURL, _ hosts: Set<String>) -> Bool {
        guard target.isHTTP, url.scheme == "http" || target.scheme == "https" else { return false }
        return hosts.contains { entry in
            let entry = entry.lowercased()
            return entry == target.host || entry == "\(target.host):\(target.port)"
                || entry == "[\(target.host)]" || entry == "[\(target.host)]:\(target.port)"
        }
    }
}

extension TransferRequest {
    fileprivate mutating func dropSecrets() {
        access.user = nil
        access.password = nil
        headersWhenSent = nil
        headers.removeAll { header in
            let name = header.name.lowercased()
            return ["authorization", "proxy-authorization", "cookie", "host"].contains(name) || name.hasPrefix("x-amz-")
        }
    }
}
