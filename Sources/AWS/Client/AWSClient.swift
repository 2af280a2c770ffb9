// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
public import GranaryTransfer
import Synchronization

/// A client of one service: signs requests, sends them, and sends them again where that is right.
///
/// Every request gives an answer that is a success (or a status that the request accepts) or throws a `GranaryError` with
/// the service's own word as its cause. Neither shows a secret.
public final class AWSClient: Sendable {
    public let endpoint: AWSEndpoint
    /// As it is signed: `s3`, `sqs`.
    public let service: String
    private let source: any AWSCredentialSource
    private let engine: CurlEngine
    private let clock: any WallClock
    let randomness: any Randomness
    let retry: RetryPolicy
    /// How far the service's clock is ahead of ours.
    private let skew = Mutex(Duration.zero)
    /// Whoever signed last; another one signs once the credentials have changed.
    private let lastSigner = Mutex<SigV4?>(nil)

    /// Five tries with up to 20 seconds between them.
    public static let retries = RetryPolicy(attempts: 5, first: .milliseconds(200), longest: .seconds(20))

    public init(
        _ endpoint: AWSEndpoint, service: String, credentials: any AWSCredentialSource, engine: CurlEngine = .shared,
        clock: any WallClock = SystemClock(), randomness: any Randomness = SystemRandomness(),
        retry: RetryPolicy = AWSClient.retries
    ) {
        self.endpoint = endpoint
        self.service = service
        source = credentials
        self.engine = engine
        self.clock = clock
        self.randomness = randomness
        self.retry = retry
    }

    /// The whole answer in memory.
    ///
    /// Tried again, with pauses that grow: requests that the service was too busy for; and when they may be repeated,
    /// those that it failed at and those whose connection was lost. A clock that is wrong is corrected once by the
    /// service's, credentials that have expired are renewed once.
    ///
    /// - Parameters:
    ///   - limit: `limit.reached` when the answer has more bytes.
    ///   - doing: what is asked for and of whom, for errors.
    package func exchange(_ request: AWSRequest, limit: Int = 1 << 20, doing: Doing) async throws -> TransferAnswer {
        try await attempts(request, retry, doing) { [engine] in try await engine.exchange($0, limit: limit) }
    }

    /// One attempt (two, when the clock or the credentials were out of date); `choose` gives the sink for the body.
    ///
    /// `choose` is asked for every answer and gives nil for those that are faults.
    package func download(
        _ request: AWSRequest, doing: Doing,
        choose: @escaping @Sendable (TransferAnswer) throws -> (any ByteSink)?
    ) async throws -> TransferAnswer {
        let once = RetryPolicy(attempts: 1)
        return try await attempts(request, once, doing) { [engine] in try await engine.download($0, choose: choose) }
    }

    /// A link that does one thing without credentials, until it expires. It is a secret itself.
    package func presigned(_ request: AWSRequest, expires: Duration) async throws -> Secret {
        let place = endpoint.place(of: service, bucket: request.bucket)
        let signer = signer(try await source.credentials())
        let signed = SigningRequest(request, at: place, payload: .unsigned)
        let query = signer.presignedQuery(for: signed, at: now, expires: expires)
        return Secret("\(place.origin)\(signed.path)?\(query)")
    }

    /// What a request is for, in the words of errors: `send messages to` + `the-queue`.
    package struct Doing: Sendable {
        /// `send to`, before the subject.
        package var verb: String
        /// The queue, bucket or key.
        package var subject: String

        package init(_ verb: String, _ subject: String) {
            self.verb = verb
            self.subject = subject
        }
    }

    /// The service's time, as far as we know.
    private var now: Timestamp { clock.now() + skew.withLock { $0 } }

    private func attempts(
        _ request: AWSRequest, _ retry: RetryPolicy, _ doing: Doing,
        send: (TransferRequest) async throws -> TransferAnswer
    ) async throws -> TransferAnswer {
        var attempt = 1
        var mended: Set<AWSFault.Kind> = []
        while true {
            let credentials = try await source.credentials()
            do {
                return try checked(try await send(signed(request, credentials)), request, doing)
            } catch let error as GranaryError {
                if let kind = error.awsFault?.kind, mended.insert(kind).inserted, await mend(error, credentials) {
                    continue
                }
                guard let pause = pause(after: attempt, error, request, retry) else { throw error }
                try await Task.sleep(for: pause)
                attempt += 1
            }
        }
    }

    private func signer(_ credentials: AWSCredentials) -> SigV4 {
        lastSigner.withLock { last in
            if let last, last.credentials == credentials { return last }
            let signer = SigV4(credentials: credentials, region: endpoint.region, service: service)
            last = signer
            return signer
        }
    }

    private func signed(_ request: AWSRequest, _ credentials: AWSCredentials) -> TransferRequest {
        let place = endpoint.place(of: service, bucket: request.bucket)
        let signer = signer(credentials)
        let canonical = SigningRequest(request, at: place, payload: request.payload ?? .init(of: request.body))
        let query = request.query.canonical
        let url = place.origin + canonical.path + (query.isEmpty ? "" : "?\(query)")
        var transfer = TransferRequest(url, access: endpoint.access)
        transfer.method = request.method
        transfer.headers = request.headers
        if credentials != .anonymous {
            transfer.headersWhenSent = { [self] in
                signer.headers(for: canonical, at: now)
            }
        }
        transfer.body = request.body
        return transfer
    }

    private func checked(_ answer: TransferAnswer, _ request: AWSRequest, _ doing: Doing) throws -> TransferAnswer {
        guard answer.isFramed else { throw Self.unframed(doing) }
        if request.accepted.contains(answer.status) { return answer }
        let isGood = (200..<300).contains(answer.status)
        if isGood, !(request.mayFailInside200 && ErrorDocument(answer.body) != nil) { return answer }
        var fault = AWSFault(answer)
        // An error inside a success: what it means stands in its code, and without one it is the service's failure.
        if isGood { fault.status = 500 }
        if request.holdsSecret { fault.message = "" }
        throw fault.error(doing: doing.verb, subject: doing.subject)
    }

    /// An answer that ends with its connection may have been cut anywhere; services say how long theirs are.
    private static func unframed(_ doing: Doing) -> GranaryError {
        GranaryError(
            .connectionLost, "Can't \(doing.verb) '\(doing.subject)': the answer does not say where it ends.",
            subject: doing.subject, remedy: "Check that the endpoint is the service's, and no proxy's.",
            disposition: .retry(after: nil))
    }

    /// Puts right what made the service refuse the request; false when that can't be.
    private func mend(_ error: GranaryError, _ credentials: AWSCredentials) async -> Bool {
        switch (error.awsFault?.kind, error.awsFault?.serverTime) {
        case (.clock?, let serverTime?):
            skew.withLock { $0 = serverTime - clock.now() }
            return true
        case (.expired?, _):
            await source.renounce(credentials)
            return true
        default: return false
        }
    }

    /// How long to wait before another try; nil when there is to be none.
    private func pause(
        after attempt: Int, _ error: GranaryError, _ request: AWSRequest, _ retry: RetryPolicy
    ) -> Duration? {
        guard case .retry(let least) = error.disposition, request.isRepeatable || error.code == .serviceBusy,
            let delay = retry.delay(afterAttempt: attempt, randomness: randomness), (least ?? .zero) <= retry.longest
        else { return nil }
        return max(delay, least ?? .zero)
    }
}

extension SigningRequest {
    fileprivate init(_ request: AWSRequest, at place: AWSEndpoint.Place, payload: SigV4.Payload) {
        self.init(
            method: request.method, path: place.prefix + request.path, query: request.query,
            headers: [TransferHeader("Host", place.host)] + request.headers,
            payload: payload)
    }
}

extension SigV4.Payload {
    /// A source is read once, by the sending: its hash has to be said, or it is not under the signature.
    fileprivate init(of body: TransferRequest.Body) {
        switch body {
        case .none: self = .empty
        case .bytes(let bytes): self = .signed(sha256: Checksum(.sha256, of: bytes).hex)
        default: self = .unsigned
        }
    }
}
