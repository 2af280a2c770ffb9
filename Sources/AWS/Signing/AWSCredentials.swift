// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// Who signs: an access key, its secret, and for a while only the token of a session.
public struct AWSCredentials: Sendable, Hashable {
    public var accessKey: String
    public var secretKey: Secret
    /// Present when the credentials were lent: by a role, a container, a machine.
    public var sessionToken: Secret?
    /// When they end; nil when they stay until somebody takes them away.
    public var expires: Timestamp?

    public init(accessKey: String, secretKey: Secret, sessionToken: Secret? = nil, expires: Timestamp? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.expires = expires
    }

    /// Nobody: requests are sent without a signature, as a public bucket allows.
    public static let anonymous = AWSCredentials(accessKey: "", secretKey: Secret(""))
}

/// Where credentials come from. Asked before every request, so what is slow is kept by `RotatingCredentials`.
public protocol AWSCredentialSource: Sendable {
    func credentials() async throws -> AWSCredentials

    /// The service says that these have expired: the next answer must be others, where there can be others.
    func renounce(_ credentials: AWSCredentials) async
}

extension AWSCredentialSource {
    /// Nothing: a source that keeps none has nothing to forget.
    public func renounce(_ credentials: AWSCredentials) async {}
}

/// Credentials that are given once and for all.
public struct FixedCredentials: AWSCredentialSource {
    private let value: AWSCredentials

    public init(_ value: AWSCredentials) { self.value = value }

    public func credentials() async throws -> AWSCredentials { value }
}
