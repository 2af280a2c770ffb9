// SPDX-License-Identifier: Apache-2.0

import CCurl
import GranaryCore

extension CurlTransfer {
    /// Sets every option of this transfer. Nothing is left to the environment: no proxy, netrc, cookie or redirect that
    /// configuration does not name.
    func prepare() throws {
        try rewind()
        try handle.keepFailureDetail()
        try installCallbacks()
        try prepareCommon()
        try prepareLimits()
        try prepareTrust()
        if job.url.isHTTP { try prepareHTTP() } else { try prepareFiles() }
    }

    private var request: TransferRequest { job.request }
    private var access: ServerAccess { job.request.access }

    private func prepareCommon() throws(GranaryError) {
        try handle.set(CURLOPT_URL, job.url.text)
        try handle.set(CURLOPT_PROTOCOLS_STR, job.url.scheme)
        try handle.set(CURLOPT_PATH_AS_IS, true)
        try handle.set(CURLOPT_NOSIGNAL, true)
        try handle.set(CURLOPT_FOLLOWLOCATION, false)
        try handle.set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
        try handle.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try handle.set(CURLOPT_PROXY, access.proxy ?? "")
        try handle.set(CURLOPT_NOPROXY, "")
        try handle.set(CURLOPT_TCP_KEEPALIVE, true)
        handle.propose(CURLOPT_BUFFERSIZE, 256 << 10)
        if job.repeats > 0 { try handle.set(CURLOPT_FRESH_CONNECT, true) }
        if access.allowsLinkLocal {
            // A connection to such an address must not be found open by a request that may not make one.
            try handle.set(CURLOPT_FRESH_CONNECT, true)
            try handle.set(CURLOPT_FORBID_REUSE, true)
        }
    }

    private func prepareLimits() throws(GranaryError) {
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds: access.connectLimit)
        try handle.set(CURLOPT_TIMEOUT_MS, milliseconds: access.totalLimit)
        try handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try handle.set(CURLOPT_LOW_SPEED_TIME, max(1, Int(access.stallLimit.components.seconds)))
    }

    private func prepareTrust() throws(GranaryError) {
        try handle.set(CURLOPT_SSL_VERIFYPEER, true)
        try handle.set(CURLOPT_SSL_VERIFYHOST, 2)
        try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = access.caFile {
            try handle.set(CURLOPT_CAINFO, file)
            try handle.set(CURLOPT_CAPATH, nil as String?)
        }
        if let user = access.user { try handle.set(CURLOPT_USERNAME, user) }
        if let password = access.password { try handle.set(CURLOPT_PASSWORD, password.reveal()) }
    }

    private func prepareHTTP() throws(GranaryError) {
        try handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try handle.set(CURLOPT_HTTP09_ALLOWED, false)
        try handle.set(CURLOPT_HTTP_CONTENT_DECODING, false)
        try handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        try handle.set(CURLOPT_USERAGENT, "granary")
        if access.user != nil { try handle.set(CURLOPT_HTTPAUTH, basicAuthorization) }
        // Waiting for "100 Continue" would cost a second with every server that does not know it.
        try handle.set(CURLOPT_HTTPHEADER, lines: try headerLines() + ["Expect:"])
        try handle.set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        try prepareBody()
    }

    private func headerLines() throws(GranaryError) -> [String] {
        let ours: Set<String> = ["content-length", "transfer-encoding", "expect"]
        let headers = request.headers + (request.headersWhenSent?() ?? [])
        try TransferHeader.check(headers, job.url)
        return headers.filter { !ours.contains($0.name.lowercased()) }.map { header in
            // curl takes an empty value for the wish to leave the header out, unless it is written so.
            header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
        }
    }

    private func prepareBody() throws(GranaryError) {
        if request.method == "HEAD" { return try handle.set(CURLOPT_NOBODY, true) }
        if sendsBody {
            try handle.set(CURLOPT_UPLOAD, true)
            handle.propose(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
            try handle.set(CURLOPT_INFILESIZE_LARGE, offset: bodyLength)
        } else {
            try handle.set(CURLOPT_HTTPGET, true)
        }
        if request.method != "GET" || sendsBody { try handle.set(CURLOPT_CUSTOMREQUEST, request.method) }
    }

    /// A POST or PUT without a body has one of length 0, which must be said.
    private var sendsBody: Bool {
        if case .none = request.body { return request.method == "POST" || request.method == "PUT" }
        return true
    }
}

/// `CURLAUTH_BASIC`, which is a cast in C and not seen from here.
private let basicAuthorization = 1
