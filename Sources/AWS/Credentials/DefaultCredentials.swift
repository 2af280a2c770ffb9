// SPDX-License-Identifier: Apache-2.0

import GranaryCore
public import GranaryTransfer

/// The first source that is there, in AWS's order: environment, web identity, profile, container, machine.
///
/// A source that is there and fails is a failure: the next one would be somebody else.
public struct DefaultCredentials: AWSCredentialSource {
    private let environment: [String: String]
    private let profile: String?
    private let endpoint: AWSEndpoint
    private let engine: CurlEngine

    /// - Parameters:
    ///   - profile: nil for what the environment says; a name puts its profile before the environment's own keys.
    ///   - endpoint: STS, for roles; nil for AWS's in the region that environment and files name.
    public init(
        _ environment: [String: String], profile: String? = nil, endpoint: AWSEndpoint? = nil,
        engine: CurlEngine = .shared
    ) throws {
        self.environment = environment
        self.profile = profile
        self.engine = engine
        self.endpoint =
            try endpoint
            ?? AWSEndpoint(
                region: try AWSRegion.find(environment, profile: profile) ?? "us-east-1",
                url: environment["AWS_ENDPOINT_URL_STS"])
    }

    public func credentials() async throws -> AWSCredentials { try await source().credentials() }

    private func source() throws -> any AWSCredentialSource {
        if profile == nil {
            if let found = try EnvironmentCredentials(environment) { return found }
            if let found = WebIdentity(environment, endpoint: endpoint, engine: engine) { return found }
        }
        if let found = try ProfileCredentials(environment, profile: profile, endpoint: endpoint, engine: engine) {
            return found
        }
        if let found = try ContainerCredentials(environment, engine: engine) { return found }
        if let found = MachineCredentials(environment, engine: engine) { return found }
        throw GranaryError.noCredentials("Nothing here gives credentials for AWS.")
    }
}
