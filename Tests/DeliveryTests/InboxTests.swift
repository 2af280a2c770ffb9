// SPDX-License-Identifier: Apache-2.0
import Dispatch
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryDelivery

@Suite("Taking messages in") struct InboxTests {
    @Test("a backlog drains in one look, in batches, and each batch is deleted at once")
    func backlog() async throws {
        let site = try Site()
        for index in 0..<45 { site.answers.put(Array("{\"n\": \(index)}".utf8), key: "m\(index)") }
        let queue = Holding(site.answers)
        let taken = try await ResponseReceiver(name: "daac", receiver: queue, catalog: site.catalog).receiveOnce()
        #expect(taken == 45)
        #expect(queue.deleted == [10, 10, 10, 10, 5])
        #expect(try await site.stored() == 45)
        #expect(site.answers.all.isEmpty)
    }

    @Test("a message that can't be deleted ends the look, is stored once, and keeps its neighbours from nothing")
    func undeletable() async throws {
        let site = try Site()
        for index in 0..<25 { site.answers.put(Array("{\"n\": \(index)}".utf8), key: "m\(index)") }
        site.answers.faults.fail(.delete, onCall: 3, with: .planned())
        let receiver = ResponseReceiver(name: "daac", receiver: site.answers, catalog: site.catalog)
        #expect(try await receiver.receiveOnce() == 9)
        #expect(try await site.stored() == 10)
        #expect(try await receiver.receiveOnce() == 16)
        #expect(try await site.stored() == 25)
        #expect(site.answers.all.isEmpty)
    }

    @Test(
        "while the catalog is slow the messages stay ours: the hold is extended each third, and not after the deletion")
    func extends() async throws {
        let site = try Site()
        site.answers.put(Array("{}".utf8), key: "m1")
        let (isBusy, isExtended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let queue = Holding(site.answers) { isExtended.signal() }
        let clock = FlyingClock()
        // The catalog has one writer; it is kept until the queue was asked for more time.
        async let busy: Bool = site.catalog.write { _ in
            isBusy.signal()
            return isExtended.wait(timeout: .now() + 60) == .success
        }
        while isBusy.isStillShut { await Task.yield() }
        let receiver = ResponseReceiver(name: "daac", receiver: queue, catalog: site.catalog, clock: clock)
        #expect(try await receiver.receiveOnce() == 1)
        #expect(try await busy, "nobody asked for more time")
        #expect(queue.extended.allSatisfy { $0 == ["m1"] })
        #expect(clock.slept.allSatisfy { $0 == .seconds(10) } && !clock.slept.isEmpty)
        let count = queue.extended.count
        #expect(try await site.stored() == 1)
        #expect(queue.extended.count == count)
    }

    @Test("an extension that fails changes nothing: the message is stored and deleted")
    func extensionFails() async throws {
        let site = try Site()
        site.answers.put(Array("{}".utf8), key: "m1")
        let queue = Holding(site.answers) { throw GranaryError.planned() }
        let receiver = ResponseReceiver(
            name: "daac", receiver: queue, catalog: site.catalog, clock: FlyingClock())
        #expect(try await receiver.receiveOnce() == 1)
        #expect(site.answers.all.isEmpty)
    }
}

/// A queue that hides what it handed out for thirty seconds, as SQS does, and is asked for more time.
private final class Holding: MessageReceiver {
    let hold: Duration? = .seconds(30)
    private let queue: MemoryMessageQueue
    private let onExtend: @Sendable () throws -> Void
    private let asked = Mutex<(deleted: [Int], extended: [[String]])>(([], []))

    init(_ queue: MemoryMessageQueue, onExtend: @escaping @Sendable () throws -> Void = {}) {
        self.queue = queue
        self.onExtend = onExtend
    }

    /// Messages in each deletion.
    var deleted: [Int] { asked.withLock { $0.deleted } }
    /// Keys in each extension.
    var extended: [[String]] { asked.withLock { $0.extended } }

    func receive(limit: Int) async throws -> [ReceivedMessage] { try await queue.receive(limit: limit) }

    func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>] {
        asked.withLock { $0.deleted.append(messages.count) }
        return await queue.delete(messages)
    }

    func extendHold(_ messages: [ReceivedMessage]) async throws {
        asked.withLock { $0.extended.append(messages.map(\.key)) }
        try onExtend()
    }
}

/// A clock on which every sleep is over at once.
private final class FlyingClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private let durations = Mutex<[Duration]>([])
    private let start = ContinuousClock().now

    var now: Instant { start }
    var minimumResolution: Duration { .zero }
    var slept: [Duration] { durations.withLock { $0 } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        durations.withLock { $0.append(start.duration(to: deadline)) }
        await Task.yield()
        try Task.checkCancellation()
    }
}

extension DispatchSemaphore {
    fileprivate var isStillShut: Bool { wait(timeout: .now()) == .timedOut }
}

extension Site {
    fileprivate func stored() async throws -> Int {
        try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM message_in") }
    }
}
