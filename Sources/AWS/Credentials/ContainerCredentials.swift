// SPDX-License-Identifier: Apache-2.0

import GranaryCore
public import GranaryTransfer

/// Credentials of a container's role, from the endpoint that ECS or EKS names in its environment.
public struct ContainerCredentials: AWSCredentialSource {
    private let server: CredentialServer
    private let path: String
    private let token: Token?

    private enum Token: Sendable {
        case value(Secret)
        /// Written anew while we run, so it is read for each request.
        case file(String)
    }

    /// Nil when the environment names no such endpoint. One that is neither AWS's own address, nor this machine, nor
    /// reached by TLS is refused: the token must not go there.
    public init?(_ environment: [String: String], engine: CurlEngine = .shared) throws {
        if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], !path.isEmpty {
            server = CredentialServer(origin: "http://169.254.170.2", engine: engine)
            self.path = path
        } else if let url = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"], !url.isEmpty {
            let parts = try Self.parts(of: url)
            server = CredentialServer(origin: parts.origin, engine: engine)
            path = parts.path
        } else {
            return nil
        }
        token =
            environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"].map(Token.file)
            ?? environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"].map { .value(Secret($0)) }
    }

    public func credentials() async throws -> AWSCredentials {
        let headers = try authorization().map { [TransferHeader("Authorization", $0.reveal())] } ?? []
        return try AWSCredentials(document: try await server.document(path, headers: headers), from: server.origin)
    }

    private func authorization() throws -> Secret? {
        switch token {
        case nil: nil
        case .value(let secret): secret
        case .file(let path): try SmallFile.token(path)
        }
    }

    private static func parts(of url: String) throws -> (origin: String, path: String) {
        guard let scheme = ["http://", "https://"].first(where: url.hasPrefix) else { throw refused(url) }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@"), scheme == "https://" || isTrusted(authority) else { throw refused(url) }
        let path = url.dropFirst(scheme.count + authority.count)
        return (scheme + authority, path.hasPrefix("/") ? String(path) : "/\(path)")
    }

    /// This machine, and the addresses that ECS and EKS give the endpoint.
    private static func isTrusted(_ authority: Substring) -> Bool {
        let host =
            authority.hasPrefix("[") ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopback = numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
        return isLoopback || ["localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"].contains(host)
    }

    private static func refused(_ url: String) -> GranaryError {
        .noCredentials(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI names a place that may not be asked for credentials.",
            remedy: "Let it be https, this machine, or the address that ECS or EKS gives.")
    }
}
