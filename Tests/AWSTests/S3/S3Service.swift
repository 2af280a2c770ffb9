// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import GranaryTransfer
import Synchronization
import TestBroker

@testable import GranaryAWS

/// A server that speaks S3, with what tests make there.
struct S3Service: Sendable {
    let endpoint: AWSEndpoint
    let credentials: AWSCredentials
    let values: TestServer

    /// SeaweedFS, which verifies signatures and checksums and keeps conditions.
    static func seaweed() async throws -> S3Service { S3Service(try await TestServer.start("seaweedfs")) }

    /// rclone, which verifies signatures and ignores conditions.
    static func rclone() async throws -> S3Service { S3Service(try await TestServer.start("rclone-s3")) }

    init(_ server: TestServer) {
        values = server
        endpoint = AWSEndpoint(region: server["REGION"], url: "http://127.0.0.1:\(server.port())")
        credentials = AWSCredentials(accessKey: server["ACCESS_KEY"], secretKey: Secret(server["SECRET_KEY"]))
    }

    func client(_ credentials: AWSCredentials? = nil, engine: CurlEngine = .shared) -> AWSClient {
        AWSClient(
            endpoint, service: "s3", credentials: FixedCredentials(credentials ?? self.credentials), engine: engine,
            retry: RetryPolicy(attempts: 4, first: .milliseconds(5), longest: .milliseconds(50)))
    }

    /// A new bucket.
    func bucket() async throws -> S3Bucket {
        let name = "b-\(SystemRandomness().identifier())"
        _ = try await client().exchange(AWSRequest("PUT", bucket: name), doing: .init("make", name))
        return S3Bucket(service: self, name: name)
    }
}

struct S3Bucket: Sendable {
    let service: S3Service
    let name: String

    var objects: S3Client { S3Client(client: service.client(), bucket: name) }

    func store(prefix: String = "", settings: S3Store.Settings = .init()) -> S3Store {
        S3Store(service.client(), bucket: name, prefix: prefix, settings: settings)
    }

    /// Puts an object there as a provider would, in place of what was there.
    func put(_ key: BytePath, _ bytes: [UInt8], metadata: [(String, String)] = []) async throws {
        let sha256 = Checksum(.sha256, of: bytes)
        _ = try await objects.put(
            key, bytes, sha256: sha256, replacing: true, metadata: metadata.map { (name: $0.0, value: $0.1) })
    }

    func setVersioning() async throws {
        var request = AWSRequest("PUT", bucket: name)
        request.query = [QueryItem("versioning")]
        request.body = .bytes(
            Array("<VersioningConfiguration\(S3.namespace)><Status>Enabled</Status></VersioningConfiguration>".utf8))
        _ = try await service.client().exchange(request, doing: .init("set the versioning of", name))
    }

    /// Begins to take parts of at least 5 MiB, the least that S3 takes, so that small tests have several.
    static var smallParts: S3Store.Settings {
        var settings = S3Store.Settings()
        settings.partBytes = 5 << 20
        return settings
    }
}

extension Store {
    func all() async throws -> [StoreEntry] {
        var all: [StoreEntry] = []
        for try await page in entries() { all += page }
        return all
    }

    func generation(of path: BytePath) async throws -> String { try await entry(at: path)?.generation ?? "" }
}

/// Bytes that no two of a test's files share.
func scrambled(_ count: Int, _ seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
}

func code(_ body: () async throws -> Void) async -> GranaryError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? GranaryError)?.code ?? "other"
    }
}

/// Holds a transfer up, once, until something else was done.
final class Gate: Sendable {
    private let act: @Sendable () async -> Void
    private let state = Mutex((begun: false, done: false))

    init(_ act: @escaping @Sendable () async -> Void) { self.act = act }

    func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool {
        let (begins, done) = state.withLock { state in
            defer { state.begun = true }
            return (!state.begun, state.done)
        }
        if begins {
            Task {
                await act()
                state.withLock { $0.done = true }
                resume()
            }
        }
        return done
    }
}

extension Broker {
    /// A server that speaks S3 alone.
    init(_ service: S3Service) { self.init(endpoint: service.endpoint, credentials: service.credentials) }
}
