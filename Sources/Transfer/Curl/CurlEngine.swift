// SPDX-License-Identifier: Apache-2.0

import CCurl
import GranaryCore
import Synchronization

/// Everything that Granary sends and fetches over a network, on libcurl and threads of its own.
///
/// A host is served by one thread, so that connections are used again and limits hold for it as a whole. One of sftp, whose
/// bytes are deciphered on that thread, is served by all of them, each with its share of the connections, unless it has a
/// limit of rates, which can't be shared out.
/// Redirects lead only to hosts that the request's access names. Cancelling the task that waits ends the transfer.
/// Sinks and sources are called on those threads: they may wait for a disk, never for another transfer.
public final class CurlEngine: Sendable {
    public static let shared = CurlEngine()

    private let loops: [CurlLoop]
    private let identifiers = Atomic<UInt64>(0)

    public init(threads: Int = 2) { loops = (0..<max(1, threads)).map { _ in CurlLoop() } }

    /// The whole answer in memory, whatever its status; `limit.reached` beyond `limit` bytes of body.
    ///
    /// Throws only when there was no whole answer.
    package func exchange(_ request: TransferRequest, limit: Int) async throws -> TransferAnswer {
        try await follow(request, .memory(limit: limit))
    }

    /// Streams a body. `choose` sees status and headers before the first byte, exactly once and on the engine's thread,
    /// and gives the sink, or nil to keep an error document (64 KiB of it at most) in the answer.
    package func download(_ request: TransferRequest, choose: @escaping BodyChoice) async throws -> TransferAnswer {
        try await follow(request, .choice(choose))
    }

    private func follow(_ request: TransferRequest, _ reception: TransferJob.Reception) async throws -> TransferAnswer {
        var request = request
        for _ in 0...Redirect.most {
            let outcome = try await run(request, reception)
            guard let next = outcome.next else { return outcome.answer }
            request = next
        }
        throw GranaryError.tooManyRedirects(request)
    }

    private func run(
        _ request: TransferRequest, _ reception: TransferJob.Reception
    ) async throws -> TransferJob.Outcome {
        try Task.checkCancellation()
        let url = try TransferURL(request.url)
        try request.check(url)
        let id = identifiers.add(1, ordering: .relaxed).newValue
        let (loop, request) = assign(request, url)
        loop.underWay.add(1, ordering: .relaxed)
        defer { loop.underWay.subtract(1, ordering: .relaxed) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                loop.start(TransferJob(id: id, request: request, url: url, reception: reception, waiter: waiter))
                // The handler may have run before there was anything to end.
                if Task.isCancelled { loop.cancel(id) }
            }
        } onCancel: {
            loop.cancel(id)
        }
    }

    /// Who serves the request: of sftp whoever has least to do, with its share of the connections.
    private func assign(_ request: TransferRequest, _ url: TransferURL) -> (CurlLoop, TransferRequest) {
        let (access, count) = (request.access, loops.count)
        guard url.scheme == "sftp", access.connections >= count, access.bytesPerSecond == nil,
            access.requestsPerSecond == nil
        else { return (loop(for: url), request) }
        let loads = loops.map { $0.underWay.load(ordering: .relaxed) }
        let least = loads.firstIndex(of: loads.min() ?? 0) ?? 0
        var request = request
        request.access.connections = access.connections / count + (least < access.connections % count ? 1 : 0)
        return (loops[least], request)
    }

    private func loop(for url: TransferURL) -> CurlLoop {
        let hash = "\(url.host):\(url.port)".utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        return loops[Int(hash % UInt64(loops.count))]
    }
}

extension TransferRequest {
    /// Throws `input.invalid` for what can't be sent as it is, `address.refused` for a literal address that may not be
    /// reached, whether by a proxy or not.
    fileprivate func check(_ url: TransferURL) throws(GranaryError) {
        try TransferHeader.check(headers + [TransferHeader(method, "")], url)
        if !access.allowsLinkLocal, let address = AddressRule.literal(url.host), AddressRule.isLinkLocal(address) {
            throw .addressRefused(url)
        }
        if url.scheme == "sftp", access.knownHosts == nil { throw .noKnownHosts(url) }
    }
}

extension TransferHeader {
    /// Throws `input.invalid` for the first that can't be sent as it is.
    static func check(_ headers: [TransferHeader], _ url: TransferURL) throws(GranaryError) {
        if let header = headers.first(where: { !$0.isSafe }) { throw .badHeader(header.name, url) }
    }
}

extension GranaryError {
    fileprivate static func badHeader(_ name: String, _ url: TransferURL) -> GranaryError {
        GranaryError(
            .invalid, "The header '\(BytePath(name))' for '\(url.subject)' holds a control character.",
            subject: url.subject, remedy: "Remove line breaks and control characters from what becomes a header.",
            disposition: .quarantine)
    }

    fileprivate static func noKnownHosts(_ url: TransferURL) -> GranaryError {
        GranaryError(
            .configurationInvalid, "No known_hosts file is configured for '\(url.host)'.", subject: url.subject,
            remedy: "Write the server's host key into a known_hosts file (ssh-keyscan, then compare) and name it.")
    }

    fileprivate static func tooManyRedirects(_ request: TransferRequest) -> GranaryError {
        let subject = (try? TransferURL(request.url))?.subject ?? "the server"
        return GranaryError(
            .redirectRefused, "More than \(Redirect.most) redirects led to '\(subject)'.", subject: subject,
            remedy: "Configure the address that the redirects lead to.")
    }
}
