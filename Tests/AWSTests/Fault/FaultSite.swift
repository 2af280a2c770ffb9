// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryAWS
import GranaryCore
import GranaryTransfer

/// A fault server, and the clients of it that tests of faults use: they try again, but wait for next to nothing.
struct FaultSite {
    let server: FaultServer
    let engine = CurlEngine(threads: 2)

    init(keys: AccessKeys = AccessKeys()) throws { server = try FaultServer(keys: keys) }

    static let hasty = RetryPolicy(attempts: 6, first: .milliseconds(2), longest: .milliseconds(20))

    func client(
        _ service: String, secret: String? = nil, retry: RetryPolicy = hasty, url: String? = nil
    ) -> AWSClient {
        var access = ServerAccess()
        access.connections = 64
        access.stallLimit = .seconds(20)
        let credentials = AWSCredentials(
            accessKey: server.keys.accessKey, secretKey: Secret(secret ?? server.keys.secretKey),
            sessionToken: server.keys.sessionToken.map { Secret($0) })
        return AWSClient(
            AWSEndpoint(region: server.region, url: url ?? server.url, access: access), service: service,
            credentials: FixedCredentials(credentials), engine: engine, retry: retry)
    }

    func bucket(
        _ name: String = "bucket", prefix: String = "", retry: RetryPolicy = hasty,
        settings: S3Store.Settings = S3Store.Settings()
    ) -> S3Store {
        S3Store(client("s3", retry: retry), bucket: name, prefix: prefix, settings: settings)
    }

    func queue(_ name: String) -> SQSQueue {
        SQSQueue(client: client("sqs"), url: server.createQueue(name), wait: .zero)
    }
}

/// Bytes that a wrong order, a gap or a repeat cannot leave as they are.
func patterned(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var state = seed
    bytes.withUnsafeMutableBytes { buffer in
        let words = buffer.bindMemory(to: UInt64.self)
        for place in words.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            words[place] = state
        }
    }
    return bytes
}

extension Result where Failure == GranaryError {
    var error: GranaryError? { if case .failure(let error) = self { error } else { nil } }
    var value: Success? { try? get() }
}

extension GranaryError {
    /// Whether somebody who meets this error may simply try again.
    var passes: Bool { if case .retry = disposition { true } else { false } }
}
