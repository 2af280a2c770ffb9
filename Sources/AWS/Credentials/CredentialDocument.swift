// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import GranaryTransfer

/// Credentials as the servers of machines and containers hand them out: a small JSON document over plain HTTP.
struct CredentialServer: Sendable {
    /// `http://169.254.169.254`, nothing behind it.
    var origin: String
    var engine: CurlEngine

    /// The document at a path of this server. It follows no redirect, so a path leads nowhere else.
    func document(_ path: String, method: String = "GET", headers: [TransferHeader] = []) async throws -> String {
        var access = ServerAccess()
        access.allowsLinkLocal = true
        access.connectLimit = .seconds(2)
        access.stallLimit = .seconds(5)
        access.totalLimit = .seconds(10)
        var request = TransferRequest(origin + path, access: access)
        request.method = method
        request.headers = headers
        let answer = try await engine.exchange(request, limit: 64 << 10)
        guard answer.status == 200 else { throw refusal(answer.status, path) }
        return String(decoding: answer.body, as: UTF8.self)
    }

    private func refusal(_ status: Int, _ path: String) -> GranaryError {
        GranaryError(
            .credentialsMissing, "The source of credentials at '\(origin)' answered \(path) with status \(status).",
            subject: origin, remedy: "Check that this machine or container has a role.",
            disposition: status >= 500 || status == 429 ? .retry(after: nil) : .stop)
    }
}

extension AWSCredentials {
    /// Reads `{"AccessKeyId": …, "SecretAccessKey": …, "Token": …, "Expiration": …}`.
    init(document: String, from source: String) throws(GranaryError) {
        guard let json = try? JSONValue(parsing: document), let key = json["AccessKeyId"]?.string,
            let secret = json["SecretAccessKey"]?.string
        else { throw .noCredentials("'\(source)' gave a document without credentials.") }
        self.init(
            accessKey: key, secretKey: Secret(secret), sessionToken: json["Token"]?.string.map(Secret.init),
            expires: json["Expiration"]?.string.flatMap { Timestamp(parsing: $0) })
    }
}

extension GranaryError.Code {
    public static let credentialsMissing: Self = "credentials.missing"
}

extension GranaryError {
    /// - Parameter reason: a sentence.
    static func noCredentials(
        _ reason: String,
        remedy: String = "Configure credentials: by environment, profile, container, machine role or web identity."
    ) -> GranaryError {
        GranaryError(.credentialsMissing, reason, remedy: remedy)
    }
}
