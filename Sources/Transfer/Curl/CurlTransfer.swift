// SPDX-License-Identifier: Apache-2.0

import CCurl
import GranaryCore

/// One transfer while libcurl works on it: what came so far, where it goes, and why it failed.
///
/// Belongs to the thread of its loop. libcurl's callbacks (`CurlCallbacks.swift`) end here.
final class CurlTransfer {
    let job: TransferJob
    let handle: CurlHandle
    let gate: HostGate
    private(set) var head = AnswerHead()
    private var answer: TransferAnswer?
    private var sink: (any ByteSink)?
    private let wake: @Sendable () -> Void
    private var keeps = 0
    private var next: TransferRequest?
    private var received: Int64 = 0
    private var sent: Int64 = 0
    /// Enough was kept of a body that nobody wants whole: the rest need not come.
    private var isSatisfied = false
    /// What one of us threw inside a callback: it comes before whatever curl makes of that.
    private(set) var failure: (any Error)?
    private let clock = ContinuousClock()

    /// - Parameter wake: has `resume` called soon, from any thread.
    init(_ job: TransferJob, _ handle: CurlHandle, _ gate: HostGate, wake: @escaping @Sendable () -> Void) {
        self.wake = wake
        self.job = job
        self.handle = handle
        self.gate = gate
    }

    func fail(_ error: any Error) { failure = failure ?? error }

    /// Lets a paused transfer go on; what curl has held back comes at once.
    func resume() { curl_easy_pause(handle.pointer, CURLPAUSE_CONT) }

    /// Takes a header line. Those that follow a body (trailers) say nothing that is believed here.
    func receive(line: UnsafeRawBufferPointer) throws {
        guard answer == nil, job.url.isHTTP else { return }
        try head.take(line)
    }

    enum Verdict { case taken, pause, enough }

    func receive(_ bytes: UnsafeRawBufferPointer) throws -> Verdict {
        try begin()
        guard sink?.hasRoom(orCall: wake) ?? true, admits(bytes.count) else { return .pause }
        received += Int64(bytes.count)
        if let sink {
            try sink.write(bytes)
            return .taken
        }
        return try keep(bytes)
    }

    private func admits(_ count: Int) -> Bool {
        if gate.admits(bytes: count, now: clock.now) || job.request.isListing { return true }
        gate.paused.append(self)
        return false
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) throws -> Verdict {
        let kept = answer?.body.count ?? 0
        answer?.body.append(contentsOf: bytes.prefix(keeps - kept))
        guard kept + bytes.count > keeps else { return .taken }
        if case .memory(let limit) = job.reception, next == nil { throw GranaryError.longAnswer(job.url, limit) }
        isSatisfied = true
        return .enough
    }

    /// Once, when the head is whole: before the first byte of the body, or at the end when there is none.
    private func begin() throws {
        guard answer == nil else { return }
        var answer = head.answer(to: job.request)
        if !job.url.isHTTP { describe(&answer) }
        self.answer = answer
        next = job.url.isHTTP ? Redirect.next(of: job.request, at: job.url, answer) : nil
        keeps = errorDocument
        guard next == nil else { return }
        switch job.reception {
        case .memory(let limit):
            keeps = limit
            if job.request.method != "HEAD", let length = answer.length, length > limit, job.url.isHTTP {
                throw GranaryError.longAnswer(job.url, limit)
            }
        case .choice(let choose):
            sink = try choose(answer)
            if sink != nil, !answer.isFramed { throw GranaryError.endless(job.url) }
        }
    }

    /// Ftp and sftp say themselves where a file ends.
    private func describe(_ answer: inout TransferAnswer) {
        answer.isFramed = true
        answer.length = handle.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        answer.modified = handle.offset(CURLINFO_FILETIME_T).map { Timestamp(seconds: $0) }
    }

    /// The next bytes of the upload; nil means to wait.
    func give(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
        let wanted = Int(min(Int64(buffer.count), bodyLength - sent))
        guard wanted > 0 else { return 0 }
        guard admits(wanted) else { return nil }
        let count = try fill(UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(wanted)))
        guard count > 0 else { throw GranaryError.shortSource(job.url, bodyLength, sent) }
        sent += Int64(count)
        return count
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        switch job.request.body {
        case .none: return 0
        case .bytes(let bytes):
            buffer.copyBytes(from: bytes[Int(sent)..<Int(sent) + buffer.count])
            return buffer.count
        case .source(let source): return try source.read(into: buffer)
        }
    }

    var bodyLength: Int64 {
        switch job.request.body {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .source(let source): source.length
        }
    }

    func rewind() throws {
        sent = 0
        if case .source(let source) = job.request.body { try source.rewind() }
    }

    /// What the end of the transfer means for the one who waits.
    func outcome(_ code: CURLcode) -> Result<TransferJob.Outcome, any Error> {
        if let failure { return .failure(failure) }
        guard code == CURLE_OK || isSatisfied else {
            return .failure(GranaryError.curl(code, handle.failureDetail, job.url, job.request.access))
        }
        return Result { try whole() }
    }

    private func whole() throws -> TransferJob.Outcome {
        guard !job.url.isHTTP || head.isWhole else { throw GranaryError.cut(job.url) }
        try begin()
        guard var answer else { throw GranaryError.cut(job.url) }
        if !job.url.isHTTP { describe(&answer) }
        let hasBody = job.request.method != "HEAD" && answer.status != 304 && !job.request.isHead
        if job.url.isHTTP, hasBody, !isSatisfied, let length = answer.length, length != received {
            throw GranaryError.cut(job.url)
        }
        return TransferJob.Outcome(answer: answer, next: next)
    }
}

/// Bytes that are kept of a body that is no data: an error's, a redirect's.
private let errorDocument = 64 << 10

extension GranaryError {
    fileprivate static func longAnswer(_ url: TransferURL, _ limit: Int) -> GranaryError {
        GranaryError(
            .limitReached, "What '\(url.subject)' answers is longer than \(limit) bytes.", subject: url.subject,
            remedy: "Check that it is what its name says; split it if it is.", disposition: .quarantine)
    }

    fileprivate static func endless(_ url: TransferURL) -> GranaryError {
        GranaryError(
            .answerUnframed,
            "The server does not say how long '\(url.subject)' is, so that a cut would pass for its end.",
            subject: url.subject, remedy: "Have the server send Content-Length or chunks.", disposition: .quarantine)
    }

    fileprivate static func shortSource(_ url: TransferURL, _ length: Int64, _ sent: Int64) -> GranaryError {
        GranaryError(
            .sourceChanged, "What is sent to '\(url.subject)' ended after \(sent) of \(length) bytes.",
            subject: url.subject, remedy: "It is tried again from the file as it is then.",
            disposition: .retry(after: nil))
    }

    fileprivate static func cut(_ url: TransferURL) -> GranaryError {
        .curl(CURLE_PARTIAL_FILE, "the answer is not whole", url, ServerAccess())
    }
}
