// SPDX-License-Identifier: Apache-2.0

import GranaryCore
public import GranaryTransfer

/// Credentials of a machine's role, from EC2's metadata service in its second version.
///
/// Three fixed paths are asked for and no redirect is followed; the first version, which answers anybody who can make
/// the machine send a GET, is not spoken.
public struct MachineCredentials: AWSCredentialSource {
    private let server: CredentialServer

    /// Nil when `AWS_EC2_METADATA_DISABLED` is true.
    public init?(_ environment: [String: String] = [:], engine: CurlEngine = .shared) {
        if environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" { return nil }
        let isNewer = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
        let usual = isNewer ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
        var origin = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? usual
        if origin.hasSuffix("/") { origin.removeLast() }
        server = CredentialServer(origin: origin, engine: engine)
    }

    public func credentials() async throws -> AWSCredentials {
        let session = try await server.document(
            "/latest/api/token", method: "PUT",
            headers: [TransferHeader("X-aws-ec2-metadata-token-ttl-seconds", "300")])
        let headers = [TransferHeader("X-aws-ec2-metadata-token", session)]
        let role = try await server.document(Self.roles, headers: headers).prefix { !$0.isNewline }
        guard !role.isEmpty, role.utf8.allSatisfy(Self.isRoleLetter) else {
            throw GranaryError.noCredentials("The machine's metadata service names no role.")
        }
        let document = try await server.document("\(Self.roles)\(role)", headers: headers)
        return try AWSCredentials(document: document, from: server.origin)
    }

    private static let roles = "/latest/meta-data/iam/security-credentials/"

    /// The letters of a role's name; `/` and `%` are none, so that a name leads to no other path.
    private static func isRoleLetter(_ byte: UInt8) -> Bool {
        let character = Character(UnicodeScalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber || "+=,.@_-".contains(character))
    }
}
