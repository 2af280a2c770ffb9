// SPDX-License-Identifier: Apache-2.0

import CCurl
import Glibc
import GranaryCore

/// What one loop's thread does: takes commands, starts what its gates let pass, lets libcurl work, hands out ends.
///
/// Belongs to that thread alone.
final class CurlDriver {
    private let inbox: CurlInbox
    private let clock = ContinuousClock()
    private var gates: [String: HostGate] = [:]
    private var running: [UInt64: CurlTransfer] = [:]
    /// Whose each handle is that libcurl works with.
    private var owners: [UnsafeMutableRawPointer: UInt64] = [:]
    private var handles: [CurlHandle] = []
    private var isClosing = false

    init(_ inbox: CurlInbox) { self.inbox = inbox }

    private var multi: UnsafeMutableRawPointer { inbox.multi.pointer }
    private var isDone: Bool { isClosing && running.isEmpty && gates.values.allSatisfy(\.isIdle) }

    func run() {
        ignoreBrokenPipes()
        while !isDone {
            for command in inbox.take() { obey(command) }
            startWaiting()
            resumePaused()
            var count: Int32 = 0
            let code = curl_multi_perform(multi, &count)
            if code != CURLM_OK { failAll(code) }
            if !collect() { rest() }
        }
    }

    private func obey(_ command: CurlInbox.Command) {
        switch command {
        case .start(let job): gate(of: job).add(job, now: clock.now)
        case .cancel(let id): cancel(id)
        case .resume(let id): running[id]?.resume()
        case .close: isClosing = true
        }
    }

    private func gate(of job: TransferJob) -> HostGate {
        let origin = job.url.origin
        if let gate = gates[origin] { return gate }
        if gates.count > 1000 { gates = gates.filter { !$0.value.isIdle } }
        let gate = HostGate()
        gates[origin] = gate
        return gate
    }

    private func cancel(_ id: UInt64) {
        if let transfer = running[id] {
            end(transfer, .failure(CancellationError()))
        } else {
            for gate in gates.values { gate.remove(id)?.waiter.resume(throwing: CancellationError()) }
        }
    }

    private func startWaiting() {
        for gate in gates.values {
            while let job = gate.next(now: clock.now) { start(job, gate) }
        }
    }

    private func start(_ job: TransferJob, _ gate: HostGate) {
        do {
            let transfer = CurlTransfer(job, try handles.popLast() ?? CurlHandle(), gate) { [inbox] in
                inbox.post(.resume(job.id))
            }
            try transfer.prepare()
            let code = curl_multi_add_handle(multi, transfer.handle.pointer)
            guard code == CURLM_OK else { throw GranaryError.curlRefused(job.url, code) }
            running[job.id] = transfer
            owners[transfer.handle.pointer] = job.id
        } catch {
            leave(gate, of: job)
            job.waiter.resume(throwing: error)
        }
    }

    private func resumePaused() {
        for gate in gates.values {
            for transfer in gate.resumable(now: clock.now) where running[transfer.job.id] === transfer {
                transfer.resume()
            }
        }
    }

    /// Hands out what has ended. True when anything has, so that others may start.
    private func collect() -> Bool {
        var hasEnded = false
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            guard let transfer = owners[pointer].flatMap({ running[$0] }) else { continue }
            end(transfer, transfer.outcome(code))
            hasEnded = true
        }
        return hasEnded
    }

    private func end(_ transfer: CurlTransfer, _ result: Result<TransferJob.Outcome, any Error>) {
        curl_multi_remove_handle(multi, transfer.handle.pointer)
        owners[transfer.handle.pointer] = nil
        running[transfer.job.id] = nil
        transfer.gate.paused.removeAll { $0 === transfer }
        leave(transfer.gate, of: transfer.job)
        if handles.count < 64 {
            transfer.handle.reset()
            handles.append(transfer.handle)
        }
        transfer.job.waiter.resume(with: result)
    }

    /// A gate that has nothing to remember goes: there may be many hosts in a life.
    private func leave(_ gate: HostGate, of job: TransferJob) {
        gate.leave()
        if gate.isIdle, !gate.hasRates { gates[job.url.origin] = nil }
    }

    private func failAll(_ code: CURLMcode) {
        for transfer in running.values { end(transfer, .failure(GranaryError.curlRefused(transfer.job.url, code))) }
    }

    /// Sleeps until a socket, a limit of curl's, the inbox or a gate wants something.
    private func rest() {
        let now = clock.now
        // libcurl misses wake-ups while ftp opens its second connection; its own loop looks again every second.
        let most: Duration =
            running.values.contains { $0.job.url.scheme.hasPrefix("ftp") } ? .milliseconds(50) : .seconds(60)
        let wait = gates.values.compactMap { $0.wait(now: now) }.min() ?? most
        let milliseconds = Int32(min(wait, most).microseconds / 1000)
        curl_multi_poll(multi, nil, 0, max(0, milliseconds), nil)
    }
}

/// A server that closes its end must not end the process; curl leaves that to us when it is told not to use signals.
private func ignoreBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
}

extension GranaryError {
    fileprivate static func curlRefused(_ url: TransferURL, _ code: CURLMcode) -> GranaryError {
        GranaryError(
            .transferFailed,
            "The transfer library refused to go on with '\(url.subject)': \(String(cString: curl_multi_strerror(code))).",
            subject: url.subject, remedy: "Check memory and the limit of open files (LimitNOFILE).",
            disposition: .retry(after: .seconds(1)))
    }
}
