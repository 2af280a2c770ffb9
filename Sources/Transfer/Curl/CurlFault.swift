// SPDX-License-Identifier: Apache-2.0

import CCurl
package import GranaryCore

extension GranaryError.Code {
    package static let hostUnknown: Self = "host.unknown"
    package static let connectionRefused: Self = "connection.refused"
    package static let connectionLost: Self = "connection.lost"
    package static let transferStalled: Self = "transfer.stalled"
    package static let transferFailed: Self = "transfer.failed"
    package static let tlsRefused: Self = "tls.refused"
    package static let loginRefused: Self = "login.refused"
    package static let hostKeyRefused: Self = "host-key.refused"
    package static let redirectRefused: Self = "redirect.refused"
    package static let addressRefused: Self = "address.refused"
    package static let requestRefused: Self = "request.refused"
    package static let answerUnframed: Self = "answer.unframed"
    package static let serverFailed: Self = "server.failed"
}

extension GranaryError {
    /// What a code of libcurl means for the one who waits.
    ///
    /// - Parameter detail: what curl says beyond the code; the password is taken out of it should a server repeat it.
    static func curl(
        _ code: CURLcode, _ detail: String, _ url: TransferURL, _ access: ServerAccess
    ) -> GranaryError {
        let fault = CurlFault(code, detail: detail, scheme: url.scheme)
        let reason = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        return GranaryError(
            fault.code, "\(fault.sentence(url.host, url.subject)): \(BytePath(reason.without(access.password)))",
            subject: url.subject, remedy: fault.remedy, disposition: fault.disposition)
    }

    static func addressRefused(_ url: TransferURL) -> GranaryError {
        GranaryError(
            .addressRefused, "'\(url.host)' is a link-local address, by which credentials are handed out.",
            subject: url.subject,
            remedy: "Check who gave this address; only the configured source of credentials may have it.",
            disposition: .quarantine)
    }
}

extension String {
    fileprivate func without(_ secret: Secret?) -> String {
        guard let text = secret?.reveal(), !text.isEmpty else { return self }
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            parts += [rest[..<range.lowerBound], "•••"]
            rest = rest[range.upperBound...]
        }
        return (parts + [rest]).joined()
    }
}

/// The one table of what libcurl's codes mean.
private struct CurlFault {
    let code: GranaryError.Code
    let what: String
    let remedy: String
    let disposition: GranaryError.Disposition

    private init(
        _ code: GranaryError.Code, _ what: String, _ disposition: GranaryError.Disposition, _ remedy: String
    ) {
        self.code = code
        self.what = what
        self.remedy = remedy
        self.disposition = disposition
    }

    func sentence(_ host: String, _ subject: String) -> String { "'\(subject)': \(what)" }

    init(_ code: CURLcode, detail: String, scheme: String) {
        self =
            Self.ofReaching(code) ?? Self.ofTrust(code, detail: detail, scheme: scheme) ?? Self.ofCarrying(code)
            ?? Self(
                .transferFailed, "the transfer failed", .retry(after: nil),
                "Look at the reason; the transfer is tried again.")
    }

    private static func ofReaching(_ code: CURLcode) -> Self? {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            Self(.hostUnknown, "the host's name has no address", .retry(after: nil), "Check the name and the resolver.")
        case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_FTP_CANT_GET_HOST:
            Self(
                .connectionRefused, "nothing answers there", .retry(after: nil),
                "Check that the server runs and that no firewall is between; it is tried again.")
        case CURLE_OPERATION_TIMEDOUT, CURLE_FTP_ACCEPT_TIMEOUT:
            Self(
                .transferStalled, "the server stalled", .retry(after: nil),
                "Check the way to the server; it is tried again, from where it stopped if possible.")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            Self(.invalid, "this is no URL that can be used", .quarantine, "Correct the URL.")
        default: nil
        }
    }

    private static func ofTrust(_ code: CURLcode, detail: String, scheme: String) -> Self? {
        switch code {
        case CURLE_SSL_CONNECT_ERROR where isCut(detail): ofCarrying(CURLE_RECV_ERROR)
        case CURLE_PEER_FAILED_VERIFICATION where scheme == "sftp":
            Self(
                .hostKeyRefused, "the server's host key is not the one in known_hosts", .stop,
                "Ask the server's operator for the fingerprint; only then change known_hosts.")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_ISSUER_ERROR, CURLE_USE_SSL_FAILED, CURLE_SSL_INVALIDCERTSTATUS:
            Self(
                .tlsRefused, "there is no trusted TLS connection", .stop,
                "Check the certificate's name, dates and issuer; name the issuer's file as CA if it is your own.")
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE:
            Self(.configurationInvalid, "the file of trusted certificates can't be used", .stop, "Correct the CA file.")
        case CURLE_LOGIN_DENIED:
            Self(.loginRefused, "the server refused the login", .stop, loginRemedy(scheme))
        default: nil
        }
    }

    private static func loginRemedy(_ scheme: String) -> String {
        guard scheme == "sftp" else { return "Check user and password." }
        return
            "Check user, password or key. RSA keys can't be used: libssh2 here signs them with SHA-1 only, which servers "
            + "refuse; use an ed25519 or ecdsa key."
    }

    /// A handshake that broke off is a lost connection; one that was refused is a matter of trust.
    private static func isCut(_ detail: String) -> Bool {
        ["SSL_ERROR_SYSCALL", "reset by peer", "unexpected eof", "SSL_ERROR_ZERO_RETURN", "Broken pipe"].contains {
            detail.contains($0)
        }
    }

    private static func ofCarrying(_ code: CURLcode) -> Self? {
        switch code {
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY, CURLE_SSH, CURLE_AGAIN, CURLE_SSL_SHUTDOWN_FAILED,
            CURLE_BAD_CONTENT_ENCODING, CURLE_FTP_ACCEPT_FAILED, CURLE_FTP_WEIRD_PASV_REPLY,
            CURLE_FTP_WEIRD_227_FORMAT, CURLE_UPLOAD_FAILED:
            Self(
                .connectionLost, "the connection broke before the end", .retry(after: nil),
                "Check the way to the server; it is tried again, from where it stopped if possible.")
        case CURLE_REMOTE_FILE_NOT_FOUND, CURLE_FTP_COULDNT_RETR_FILE:
            Self(.notFound, "there is no such file", .retry(after: nil), "List the place to see what is there now.")
        case CURLE_REMOTE_ACCESS_DENIED:
            Self(.denied, "the server denies access", .quarantine, "Give the user access to it, then retry.")
        case CURLE_RANGE_ERROR, CURLE_BAD_DOWNLOAD_RESUME, CURLE_FTP_COULDNT_USE_REST:
            Self(
                .sourceChanged, "it does not go on where it stopped", .retry(after: nil), "It is tried from the start.")
        case CURLE_QUOTE_ERROR:
            Self(.requestRefused, "the server refused a command", .quarantine, "Look at what the server says.")
        case CURLE_OUT_OF_MEMORY:
            Self(.transferFailed, "memory is short", .retry(after: .seconds(1)), "Give the service memory.")
        default: nil
        }
    }
}
