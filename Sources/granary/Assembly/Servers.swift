// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTransfer
import Synchronization

/// The servers that the configuration describes, ready to be spoken to. Making one contacts nobody.
final class Servers: Sendable {
    let configuration: SiteConfiguration
    private let variables = environmentVariables()
    /// By the server's name and region: whoever uses the same server shares what it was lent.
    private let sources = Mutex<[String: any AWSCredentialSource]>([:])

    init(_ configuration: SiteConfiguration) { self.configuration = configuration }

    /// How a server that is no service of AWS is reached.
    func access(_ name: String?) -> ServerAccess { configuration.server(name).access }

    /// - Parameter region: the one that an ARN names.
    func client(_ service: String, of name: String?, region: String? = nil) throws -> AWSClient {
        let endpoint = try endpoint(name, region)
        let key = "\(name ?? "")/\(endpoint.region)"
        let source = try sources.withLock { sources in
            if let known = sources[key] { return known }
            let made = RotatingCredentials(try credentials(configuration.server(name).credentials, sts: endpoint))
            sources[key] = made
            return made
        }
        return AWSClient(endpoint, service: service, credentials: source)
    }

    private func endpoint(_ name: String?, _ region: String?) throws -> AWSEndpoint {
        let server = configuration.server(name)
        guard let region = try server.regionAtHand(region) else {
            throw complaint("servers", "the region of \(server.name.isEmpty ? "AWS" : server.name) is not known")
        }
        // Requests to AWS are signed; a user and password are for other protocols.
        var access = server.access
        (access.user, access.password) = (nil, nil)
        return AWSEndpoint(region: region, url: server.endpoint, pathStyle: server.pathStyle, access: access)
    }

    private func credentials(_ settings: CredentialSettings, sts: AWSEndpoint) throws -> any AWSCredentialSource {
        switch settings {
        case .usual: try DefaultCredentials(variables, endpoint: sts)
        case .environment: try found(EnvironmentCredentials(variables), settings)
        case .profile(let name): try found(ProfileCredentials(variables, profile: name, endpoint: sts), settings)
        case .container: try found(ContainerCredentials(variables), settings)
        case .instance: try found(MachineCredentials(variables), settings)
        case .keys(let access, let secret, let token):
            FixedCredentials(AWSCredentials(accessKey: access.reveal(), secretKey: secret, sessionToken: token))
        case .role(let role):
            AssumedRole(
                RoleRequest(role: role.arn, session: role.session, externalID: role.externalID),
                base: RotatingCredentials(try credentials(role.from, sts: sts)), endpoint: sts)
        case .webIdentity(let role, let file):
            WebIdentity(RoleRequest(role: role), tokenFile: file, endpoint: sts)
        }
    }

    private func found<Source: AWSCredentialSource>(_ source: Source?, _ settings: CredentialSettings) throws -> Source
    {
        guard let source else {
            throw complaint(
                "servers", "there are no \(settings) here",
                remedy: "Start the service where they are, or configure another kind.")
        }
        return source
    }
}
