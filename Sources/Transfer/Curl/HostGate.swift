// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// What may be under way to one host, or by one loop's share of it: so many requests at a time, so many a second, so many
/// bytes a second.
///
/// Belongs to one loop's thread. Limits are those of the request that came last; all of one host come from one place.
final class HostGate {
    private var waiting: [TransferJob] = []
    private var taken = 0
    private var active = 0
    private var connections = 1
    private var requests: TokenBucket?
    private var requestRate: Double?
    private var bytes: TokenBucket?
    private var byteRate: Int64?
    /// Transfers that stopped until there are bytes to be had again.
    var paused: [CurlTransfer] = []

    var isIdle: Bool { active == 0 && taken == waiting.count }
    var hasRates: Bool { requests != nil || bytes != nil }

    func add(_ job: TransferJob, now: ContinuousClock.Instant) {
        waiting.append(job)
        let access = job.request.access
        connections = max(1, access.connections)
        if access.requestsPerSecond != requestRate {
            requestRate = access.requestsPerSecond
            requests = requestRate.flatMap { $0 > 0 ? TokenBucket(rate: $0, now: now) : nil }
        }
        if access.bytesPerSecond != byteRate {
            byteRate = access.bytesPerSecond
            bytes = byteRate.flatMap { $0 > 0 ? TokenBucket(rate: Double($0), now: now) : nil }
        }
    }

    /// The next request that may start now; it counts as under way until `leave`.
    func next(now: ContinuousClock.Instant) -> TransferJob? {
        guard active < connections, taken < waiting.count, requests?.take(1, now: now) ?? true else { return nil }
        active += 1
        taken += 1
        let job = waiting[taken - 1]
        if taken > 1024, taken * 2 > waiting.count {
            waiting.removeFirst(taken)
            taken = 0
        }
        return job
    }

    func leave() { active -= 1 }

    /// Takes a request out of the line again.
    func remove(_ id: UInt64) -> TransferJob? {
        guard let index = waiting[taken...].firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index)
    }

    func admits(bytes count: Int, now: ContinuousClock.Instant) -> Bool {
        bytes?.take(Double(count), now: now) ?? true
    }

    /// Paused transfers that may go on now.
    func resumable(now: ContinuousClock.Instant) -> [CurlTransfer] {
        guard !paused.isEmpty, bytes.map({ $0.wait(now: now) == .zero }) ?? true else { return [] }
        defer { paused = [] }
        return paused
    }

    /// How long until this gate has something to do by itself, nil when it waits for others.
    func wait(now: ContinuousClock.Instant) -> Duration? {
        let forBytes = paused.isEmpty ? nil : bytes?.wait(now: now) ?? .zero
        let wantsStart = active < connections && taken < waiting.count
        let forStart = wantsStart ? requests?.wait(now: now) ?? .zero : nil
        return [forBytes, forStart].compactMap { $0 }.min()
    }
}
