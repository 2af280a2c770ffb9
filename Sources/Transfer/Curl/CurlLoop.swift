// SPDX-License-Identifier: Apache-2.0

import CCurl
import Synchronization

/// One thread that drives many transfers. What others want of it they put into its inbox.
final class CurlLoop: Sendable {
    private let inbox = CurlInbox()
    private let thread = TransferThreads(count: 1)
    /// Requests that were given to it and have not ended.
    let underWay = Atomic(0)

    init() {
        let inbox = inbox
        thread.enqueue { CurlDriver(inbox).run() }
    }

    deinit { inbox.post(.close) }

    func start(_ job: TransferJob) { inbox.post(.start(job)) }
    func cancel(_ id: UInt64) { inbox.post(.cancel(id)) }
}

/// What a loop is asked for, and the bell that wakes it.
final class CurlInbox: Sendable {
    enum Command: Sendable {
        case start(TransferJob)
        case cancel(UInt64)
        /// What a transfer's sink waited for may have come.
        case resume(UInt64)
        /// No more commands will come; what is under way is carried to its end.
        case close
    }

    let multi = MultiHandle()
    private let commands = Mutex<[Command]>([])

    func post(_ command: Command) {
        commands.withLock { $0.append(command) }
        curl_multi_wakeup(multi.pointer)
    }

    func take() -> [Command] {
        commands.withLock { commands in
            defer { commands.removeAll(keepingCapacity: commands.capacity <= 4096) }
            return commands
        }
    }
}

/// A multi handle of libcurl, released with the last who holds it.
final class MultiHandle: Sendable {
    // The handle is the loop's alone but for `curl_multi_wakeup`, which any thread may call.
    nonisolated(unsafe) let pointer: UnsafeMutableRawPointer

    init() {
        precondition(isInitialised, "libcurl could not be initialised")
        guard let pointer = curl_multi_init() else { preconditionFailure("libcurl refused a multi handle: no memory") }
        self.pointer = pointer
        _ = granary_curl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, idleConnections)
        _ = granary_curl_multi_set_long(pointer, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    }

    deinit { curl_multi_cleanup(pointer) }
}

/// Once for the process, before the first handle.
private let isInitialised = granary_curl_global_init() == CURLE_OK

/// Connections that a loop keeps open for later, over all hosts.
private let idleConnections = 128
