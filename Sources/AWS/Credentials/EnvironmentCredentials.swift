// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
public struct EnvironmentCredentials: AWSCredentialSource {
    private let value: AWSCredentials

    /// Nil when the environment names no access key.
    public init?(_ environment: [String: String]) throws {
        guard let key = environment["AWS_ACCESS_KEY_ID"], !key.isEmpty else { return nil }
        guard let secret = environment["AWS_SECRET_ACCESS_KEY"], !secret.isEmpty else {
            throw GranaryError.noCredentials(
                "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not.", remedy: "Set both, or neither.")
        }
        let token = environment["AWS_SESSION_TOKEN"] ?? ""
        value = AWSCredentials(
            accessKey: key, secretKey: Secret(secret), sessionToken: token.isEmpty ? nil : Secret(token))
    }

    public func credentials() async throws -> AWSCredentials { value }
}
