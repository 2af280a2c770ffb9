// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

extension KinesisStream: MessageReceiver {
    /// What was received before and not deleted, then what is new. A message's key is its shard and sequence number.
    public func receive(limit: Int) async throws -> [ReceivedMessage] {
        if book.withLock({ $0.needsListForLook }) { try await list() }
        try await readNew(limit: limit)
        try await saveCheckpoints()
        return offered(limit: limit)
    }

    private func offered(limit: Int) -> [ReceivedMessage] {
        book.withLock { $0.offered(limit: limit) }.map { shard, record in
            let key = "\(shard):\(record.sequence)"
            return ReceivedMessage(key: key, body: record.body, sentAt: record.sentAt, receipt: key)
        }
    }

    /// Moves checkpoints over what is deleted. Fails for all when they can't be saved: after a restart such messages may
    /// come again.
    public func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>] {
        book.withLock { book in
            for message in messages {
                let parts = message.receipt.split(separator: ":", maxSplits: 1).map(String.init)
                if parts.count == 2 { book.delete(parts[0], parts[1]) }
            }
        }
        do {
            try await saveCheckpoints()
            return messages.map { _ in .success(()) }
        } catch {
            return messages.map { _ in .failure(error) }
        }
    }

    private func saveCheckpoints() async throws {
        let moved = book.withLock { $0.toSave }
        guard !moved.isEmpty else { return }
        try await checkpoints.save(Dictionary(uniqueKeysWithValues: moved.map { ("\(name)/\($0)", $1) }))
        book.withLock { $0.saved(moved) }
    }

    // MARK: Shards

    private func list() async throws {
        let listed = try await listShards()
        var found: [String: String] = [:]
        for shard in listed where !book.withLock({ $0.known.contains(shard.id) }) {
            found[shard.id] = try await checkpoints.checkpoint("\(name)/\(shard.id)")
        }
        book.withLock { $0.add(listed, checkpoints: found) }
    }

    private func listShards() async throws -> [ShardBook.Listed] {
        var shards: [ShardBook.Listed] = []
        var input = address
        while true {
            let answer = try await call("ListShards", input, to: "list the shards of")
            for shard in answer["Shards"]?.array ?? [] {
                let parents = ["ParentShardId", "AdjacentParentShardId"].compactMap { shard[$0]?.string }
                guard let id = shard["ShardId"]?.string else { continue }
                let end = shard["SequenceNumberRange"]?["EndingSequenceNumber"] ?? .null
                shards.append(.init(id: id, parents: parents, isClosed: !end.isNull))
            }
            guard let token = answer["NextToken"]?.string else { return shards }
            input = ["NextToken": .string(token)]
        }
    }

    // MARK: Reading

    /// Looks at each open shard once, until there are enough messages to offer.
    private func readNew(limit: Int) async throws {
        var looked: Set<String> = []
        while case let open = limit - book.withLock({ $0.offered(limit: limit).count }), open > 0,
            let place = book.withLock({ $0.take(besides: looked) })
        {
            looked.insert(place.shard)
            do {
                try await read(place, limit: open)
            } catch {
                book.withLock { $0.release(place.shard) }
                throw error
            }
            if book.withLock({ $0.needsList }) { try await list() }
        }
        if book.withLock({ $0.offered(limit: 1).isEmpty }) { try await Task.sleep(for: pace) }
    }

    /// Reads a shard until there are records, or none beyond, or it ends. Kinesis may give empty pages before full ones.
    private func read(_ place: ShardBook.Place, limit: Int) async throws {
        var iterator = place.iterator
        for _ in 0..<Self.emptyPages {
            guard let page = try await page(place, at: iterator, limit: limit) else {
                return book.withLock { $0.read(place.shard, [], next: nil) }
            }
            iterator = page.next
            if page.records.isEmpty, page.next != nil, !page.isAtTip { continue }
            return book.withLock { $0.read(place.shard, page.records, next: page.next) }
        }
        book.withLock { $0.read(place.shard, [], next: iterator) }
    }

    private struct Page {
        var records: [ShardBook.Record]
        var next: String?
        var isAtTip: Bool
    }

    /// One page; nil when the stream has dropped the shard. An iterator that is none, or too old, is renewed.
    private func page(_ place: ShardBook.Place, at iterator: String?, limit: Int) async throws -> Page? {
        do {
            guard let iterator else {
                return try await page(at: try await self.iterator(place.shard, after: place.after), limit: limit)
            }
            return try await page(at: iterator, limit: limit)
        } catch let error as GranaryError where iterator != nil && error.awsFault?.code == "ExpiredIteratorException" {
            return try await page(place, at: nil, limit: limit)
        } catch let error as GranaryError where error.code == .notFound {
            guard try await !listShards().contains(where: { $0.id == place.shard }) else { throw error }
            return nil
        }
    }

    private func page(at iterator: String, limit: Int) async throws -> Page {
        let answer = try await call(
            "GetRecords",
            ["ShardIterator": .string(iterator), "Limit": .integer(Int64(min(max(limit, 1), 10_000)))],
            to: "read", limit: 32 << 20)
        let read = answer["Records"]?.array ?? []
        let records = read.compactMap(ShardBook.Record.init)
        guard records.count == read.count else { throw AWSFault.unanswered.error(doing: "read", subject: name) }
        return Page(
            records: records,
            next: answer["NextShardIterator"]?.string, isAtTip: (answer["MillisBehindLatest"]?.integer ?? 0) == 0)
    }

    private static let emptyPages = 20

    /// After a record, or from the oldest on; also when the record has been dropped by the stream meanwhile.
    private func iterator(_ shard: String, after sequence: String?) async throws -> String {
        var input = address
        input["ShardId"] = .string(shard)
        input["ShardIteratorType"] = sequence == nil ? "TRIM_HORIZON" : "AFTER_SEQUENCE_NUMBER"
        if let sequence { input["StartingSequenceNumber"] = .string(sequence) }
        do {
            let answer = try await call("GetShardIterator", input, to: "read")
            return answer["ShardIterator"]?.string ?? ""
        } catch let error as GranaryError where sequence != nil && error.awsFault?.code == "InvalidArgumentException" {
            return try await iterator(shard, after: nil)
        }
    }
}

extension ShardBook.Record {
    init?(_ json: JSONValue) {
        guard let sequence = json["SequenceNumber"]?.string,
            let data = json["Data"]?.string.flatMap({ base64Bytes($0) })
        else { return nil }
        let seconds = json["ApproximateArrivalTimestamp"]?.number
        self.init(
            sequence: sequence, body: data, sentAt: seconds.map { Timestamp(microseconds: Int64($0 * 1_000_000)) })
    }
}
