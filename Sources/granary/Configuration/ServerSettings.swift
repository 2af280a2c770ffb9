// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTransfer

/// How servers are reached, and as whom: one of `servers`, which places name.
struct ServerSettings: Sendable, Hashable {
    /// Empty for what is used where a place names none: the services' own addresses, the usual credentials.
    var name = ""
    /// Of AWS services; by default that of an ARN, or of the environment.
    var region: String?
    /// Where S3, SQS, SNS, Kinesis and STS are, when not at AWS.
    var endpoint: String?
    var pathStyle: Bool?
    var credentials = CredentialSettings.usual
    /// For every protocol.
    var access = ServerAccess()
    /// Whether user and password may travel unencrypted.
    var isPlain = false
}

/// Whom AWS services take us for.
indirect enum CredentialSettings: Sendable, Hashable {
    /// Environment, web identity, default profile, container, instance: the first that has any.
    case usual
    case environment
    case profile(String)
    case keys(access: Secret, secret: Secret, token: Secret?)
    case role(RoleSettings)
    case webIdentity(role: String, tokenFile: String)
    case container
    case instance
}

/// A role that is taken with other credentials.
struct RoleSettings: Sendable, Hashable {
    var arn: String
    var externalID: String?
    /// What the role's owner sees in its logs.
    var session: String
    var from: CredentialSettings
}

extension CredentialSettings: CustomStringConvertible {
    /// For people; no secret.
    var description: String {
        switch self {
        case .usual: "the usual credentials"
        case .environment: "credentials of the environment"
        case .profile(let name): "profile \(name)"
        case .keys: "configured keys"
        case .role(let role): "role \(role.arn)"
        case .webIdentity(let role, _): "role \(role) by web identity"
        case .container: "credentials of the container"
        case .instance: "credentials of the instance"
        }
    }
}
