// SPDX-License-Identifier: Apache-2.0

import GranaryCore
public import GranaryTransfer

/// A role to take on, and how.
public struct RoleRequest: Sendable, Hashable {
    /// `arn:aws:iam::123456789012:role/name`
    public var role: String
    /// Who takes it on, in the records of the account.
    public var session: String
    /// What the role's owner wants to hear from the one whom it is for.
    public var externalID: String?
    /// How long the credentials last; nil for the service's own, an hour.
    public var duration: Duration?

    public init(role: String, session: String = "granary", externalID: String? = nil, duration: Duration? = nil) {
        self.role = role
        self.session = session
        self.externalID = externalID
        self.duration = duration
    }

    fileprivate var parameters: [QueryItem] {
        [QueryItem("RoleArn", role), QueryItem("RoleSessionName", session)]
            + (externalID.map { [QueryItem("ExternalId", $0)] } ?? [])
            + (duration.map { [QueryItem("DurationSeconds", String($0.components.seconds))] } ?? [])
    }
}

/// Credentials of a role that others may take on: STS AssumeRole.
public struct AssumedRole: AWSCredentialSource {
    private let client: AWSClient
    private let request: RoleRequest
    private let base: any AWSCredentialSource

    /// - Parameters:
    ///   - endpoint: STS.
    ///   - base: who asks for the role.
    public init(
        _ request: RoleRequest, base: any AWSCredentialSource, endpoint: AWSEndpoint, engine: CurlEngine = .shared
    ) {
        self.request = request
        self.base = base
        client = AWSClient(endpoint, service: "sts", credentials: base, engine: engine)
    }

    public func credentials() async throws -> AWSCredentials {
        try await client.lend("AssumeRole", request.parameters, role: request.role)
    }

    public func renounce(_ credentials: AWSCredentials) async {}
}

/// Credentials of a role for whoever holds a token of an identity provider: STS AssumeRoleWithWebIdentity. The request
/// is not signed; the token, which its owner writes anew, is read for each.
public struct WebIdentity: AWSCredentialSource {
    private let client: AWSClient
    private let request: RoleRequest
    private let tokenFile: String

    public init(_ request: RoleRequest, tokenFile: String, endpoint: AWSEndpoint, engine: CurlEngine = .shared) {
        self.request = request
        self.tokenFile = tokenFile
        client = AWSClient(
            endpoint, service: "sts", credentials: FixedCredentials(.anonymous), engine: engine)
    }

    /// Nil when the environment names no token and role.
    public init?(_ environment: [String: String], endpoint: AWSEndpoint, engine: CurlEngine = .shared) {
        guard let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"], !file.isEmpty,
            let role = environment["AWS_ROLE_ARN"], !role.isEmpty
        else { return nil }
        let request = RoleRequest(role: role, session: environment["AWS_ROLE_SESSION_NAME"] ?? "granary")
        self.init(request, tokenFile: file, endpoint: endpoint, engine: engine)
    }

    public func credentials() async throws -> AWSCredentials {
        let token = QueryItem("WebIdentityToken", try SmallFile.token(tokenFile).reveal())
        return try await client.lend("AssumeRoleWithWebIdentity", request.parameters + [token], role: request.role)
    }
}

extension AWSClient {
    fileprivate func lend(_ action: String, _ parameters: [QueryItem], role: String) async throws -> AWSCredentials {
        let answer = try await query(
            action, version: "2011-06-15", parameters, doing: Doing("take on the role", role), holdsSecret: true)
        let words = try XMLReader.decode(answer) { try $1.texts(at: ["\(action)Result", "Credentials"]) }
        guard let key = words["AccessKeyId"], let secret = words["SecretAccessKey"], let token = words["SessionToken"]
        else { throw GranaryError.noCredentials("The token service gave no credentials for the role '\(role)'.") }
        return AWSCredentials(
            accessKey: key, secretKey: Secret(secret), sessionToken: Secret(token),
            expires: words["Expiration"].flatMap { Timestamp(parsing: $0) })
    }
}
