// SPDX-License-Identifier: Apache-2.0

import GranaryCore
public import GranaryTransfer

/// Credentials of a profile of AWS's shared files: keys of its own, or a role that is taken on by another profile, by a
/// web identity, or by what the machine or container has.
public struct ProfileCredentials: AWSCredentialSource {
    private let files: SharedFiles
    private let name: String
    private let endpoint: AWSEndpoint
    private let engine: CurlEngine

    /// Nil when the files, read now, know no such profile and nobody asked for it by name.
    ///
    /// - Parameters:
    ///   - profile: nil for the one that `AWS_PROFILE` names, or `default`.
    ///   - endpoint: STS, for roles.
    public init?(
        _ environment: [String: String], profile: String? = nil, endpoint: AWSEndpoint, engine: CurlEngine = .shared
    ) throws {
        files = SharedFiles(environment)
        let asked = profile ?? environment["AWS_PROFILE"] ?? environment["AWS_DEFAULT_PROFILE"]
        name = asked ?? "default"
        self.endpoint = endpoint
        self.engine = engine
        if asked == nil, !Self.givesCredentials(try files.read().profiles[name] ?? [:]) { return nil }
    }

    public func credentials() async throws -> AWSCredentials {
        var seen: Set<String> = []
        return try await source(of: name, in: try files.read(), seen: &seen).credentials()
    }

    private static func givesCredentials(_ settings: [String: String]) -> Bool {
        !settings.keys.filter {
            ["aws_access_key_id", "role_arn", "credential_process"].contains($0) || $0.hasPrefix("sso_")
        }.isEmpty
    }

    private func source(
        of name: String, in file: ProfileFile, seen: inout Set<String>
    ) throws -> any AWSCredentialSource {
        guard let settings = file.profiles[name] else {
            throw fault(name, "is in none of \(files.places)", "Correct the name, or write the profile.")
        }
        // A role that names its own profile as the one that takes it on means the keys beside it.
        let isFirst = seen.insert(name).inserted
        if isFirst, let role = settings["role_arn"] {
            return try source(of: role, settings, name, in: file, seen: &seen)
        }
        if let keys = keys(settings) { return FixedCredentials(keys) }
        if !isFirst { throw fault(name, "leads back to itself by source_profile", "Break the circle.") }
        throw without(settings, name)
    }

    private func source(
        of role: String, _ settings: [String: String], _ name: String, in file: ProfileFile, seen: inout Set<String>
    ) throws -> any AWSCredentialSource {
        let request = RoleRequest(
            role: role, session: settings["role_session_name"] ?? "granary", externalID: settings["external_id"],
            duration: settings["duration_seconds"].flatMap(Int64.init).map { .seconds($0) })
        var endpoint = endpoint
        if let region = settings["region"], self.endpoint.url == nil { endpoint.region = region }
        if let tokenFile = settings["web_identity_token_file"] {
            return WebIdentity(request, tokenFile: tokenFile, endpoint: endpoint, engine: engine)
        }
        let base: any AWSCredentialSource
        if let other = settings["source_profile"] {
            base = try source(of: other, in: file, seen: &seen)
        } else {
            base = try machineSource(settings["credential_source"], name)
        }
        return AssumedRole(request, base: base, endpoint: endpoint, engine: engine)
    }

    private func machineSource(_ word: String?, _ name: String) throws -> any AWSCredentialSource {
        let environment = files.environment
        let found: (any AWSCredentialSource)? =
            switch word {
            case "Environment": try EnvironmentCredentials(environment)
            case "EcsContainer": try ContainerCredentials(environment, engine: engine)
            case "Ec2InstanceMetadata": MachineCredentials(environment, engine: engine)
            default: nil
            }
        guard let found else {
            throw fault(name, "has a role and no usable source for it", "Name source_profile or credential_source.")
        }
        return found
    }

    private func keys(_ settings: [String: String]) -> AWSCredentials? {
        guard let key = settings["aws_access_key_id"], let secret = settings["aws_secret_access_key"] else {
            return nil
        }
        return AWSCredentials(
            accessKey: key, secretKey: Secret(secret), sessionToken: settings["aws_session_token"].map(Secret.init))
    }

    /// What other programs would take credentials from, and this one does not, is named.
    private func without(_ settings: [String: String], _ name: String) -> GranaryError {
        if settings["credential_process"] != nil {
            return fault(
                name, "names a credential_process, and the service runs no program to get credentials",
                "Have that program write temporary keys into the profile, which is read anew once a service finds them expired; or give it a role."
            )
        }
        guard !settings.keys.contains(where: { $0.hasPrefix("sso_") }) else {
            return fault(
                name, "gets its credentials by SSO, which needs a person at a browser",
                "Give the service a role, or keys in a profile of its own.")
        }
        return fault(name, "has no keys and no role", "Give it keys or a role.")
    }

    private func fault(_ name: String, _ what: String, _ remedy: String) -> GranaryError {
        .noCredentials("The AWS profile '\(name)' \(what).", remedy: remedy)
    }
}
