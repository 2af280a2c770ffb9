// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// What a service takes in one batch.
struct BatchLimits: Sendable, Hashable {
    var count: Int
    var bytes: Int

    /// Cuts items of the given sizes into batches, in order. One that is too large by itself is alone.
    func batches(of sizes: [Int]) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var (start, bytes) = (0, 0)
        for (index, size) in sizes.enumerated() {
            if index > start, index - start == count || bytes + size > self.bytes {
                batches.append(start..<index)
                (start, bytes) = (index, 0)
            }
            bytes += size
        }
        if start < sizes.count { batches.append(start..<sizes.count) }
        return batches
    }
}

/// Hands items to a service in batches, and those that it refused of a batch for the moment once more.
struct BatchSender<Item: Sendable, Value: Sendable>: Sendable {
    var client: AWSClient
    var limits: BatchLimits
    /// Batches under way together; 1 where an order has to be kept.
    var atOnce: Int
    var size: @Sendable (Item) -> Int
    /// One result for each item, in order. Throws when the whole batch failed, after the client's own tries.
    var send: @Sendable ([Item]) async throws -> [Result<Value, any Error>]

    /// One result for each item, in order.
    func results(_ items: [Item]) async -> [Result<Value, any Error>] {
        let batches = limits.batches(of: items.map(size))
        if batches.count <= 1 { return await settled(items) }
        return await withTaskGroup(of: (Int, [Result<Value, any Error>]).self) { group in
            var results = [[Result<Value, any Error>]](repeating: [], count: batches.count)
            var waiting = batches.enumerated().makeIterator()
            func addNext() {
                guard let (index, batch) = waiting.next() else { return }
                let part = Array(items[batch])
                group.addTask { (index, await settled(part)) }
            }
            for _ in 0..<max(1, atOnce) { addNext() }
            while let (index, part) = await group.next() {
                results[index] = part
                addNext()
            }
            return results.flatMap(\.self)
        }
    }

    /// One result for each message, in order: those that can't become an item fail with the reason, the others are sent.
    func results(
        of messages: [OutgoingMessage], item: (OutgoingMessage) throws(GranaryError) -> Item
    ) async -> [Result<Value, any Error>] {
        let prepared = messages.map { message in Result<Item, any Error> { try item(message) } }
        var sent = await results(prepared.compactMap { try? $0.get() }).makeIterator()
        return prepared.map { result in result.flatMap { _ in sent.next() ?? .failure(CancellationError()) } }
    }

    /// Sends one batch until nothing of it may still pass, or the tries are used up.
    private func settled(_ items: [Item]) async -> [Result<Value, any Error>] {
        if items.isEmpty { return [] }
        var results = await attempt(items)
        var attempt = 1
        while case let open = results.indices.filter({ results[$0].mayPass }), !open.isEmpty,
            let pause = client.retry.delay(afterAttempt: attempt, randomness: client.randomness),
            await slept(pause)
        {
            for (index, result) in zip(open, await self.attempt(open.map { items[$0] })) { results[index] = result }
            attempt += 1
        }
        return results
    }

    private func slept(_ pause: Duration) async -> Bool { (try? await Task.sleep(for: pause)) != nil }

    private func attempt(_ items: [Item]) async -> [Result<Value, any Error>] {
        do {
            return try await send(items)
        } catch {
            return items.map { _ in .failure(error) }
        }
    }
}

extension Result where Failure == any Error {
    /// True when the service refused this one item for the moment: the rest of its batch was taken.
    fileprivate var mayPass: Bool {
        guard case .failure(let error as GranaryError) = self, case .retry = error.disposition else { return false }
        return error.awsFault?.isOfOneEntry == true
    }
}
