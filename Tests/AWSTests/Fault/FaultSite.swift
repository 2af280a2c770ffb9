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

extension Result where Failure == GranaryError {
    var error: GranaryError? { if case .failure(let error) = self { error } else { nil } }
    var value: Success? { try? get() }
}

extension GranaryError {
    /// Whether somebody who meets this error may simply try again.
    var passes: Bool { if case .retry = disposition { true } else { false } }
}
