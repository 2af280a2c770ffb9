// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// How far each shard of a stream has been read and done with. Pure: what was read and deleted is told to it, and it says
/// what may be read next, what is to be offered again, and what is to be remembered.
///
///     waiting ──parents finished──▶ open ──read to its end──▶ ended ──all deleted──▶ finished
struct ShardBook: Sendable {
    private var shards: [String: Shard] = [:]
    /// In the order in which they became known: parents before children.
    private var order: [String] = []
    private var turn = 0
    private var unsaved: [String: String] = [:]
    private var isListOld = true

    /// A shard as the stream lists it.
    struct Listed: Sendable, Hashable {
        var id: String
        var parents: [String]
        /// True when nothing more will be put into it.
        var isClosed: Bool
    }

    /// One record, read and not yet deleted, or deleted after one that is not.
    struct Record: Sendable, Hashable {
        var sequence: String
        var body: [UInt8]
        var sentAt: Timestamp?
        fileprivate(set) var isDeleted = false
    }

    private struct Shard: Sendable {
        var parents: [String]
        /// The last record that was read, in this life or an earlier one.
        var last: String?
        var iterator: String?
        var records: [Record] = []
        var isEnded = false
        var isFinished = false
        var isTaken = false
    }

    /// What a finished shard is remembered by.
    static let end = "SHARD_END"

    // MARK: What there is

    var known: Set<String> { Set(order) }

    /// Whether to ask for a list before going on: a shard has ended since the last one.
    var needsList: Bool { isListOld }

    /// Whether to ask for a list before the next look: also while an ended shard has no child that we know.
    var needsListForLook: Bool {
        let parents = Set(shards.values.flatMap(\.parents))
        return isListOld || order.isEmpty || shards.contains { ($1.isEnded || $1.isFinished) && !parents.contains($0) }
    }

    /// Takes over a list, and how far shards that are new here were done with before.
    ///
    /// A shard that was finished and is open again is of another stream of the same name, so it is read from its start.
    mutating func add(_ listed: [Listed], checkpoints: [String: String]) {
        isListOld = false
        for shard in listed where shards[shard.id] == nil {
            let checkpoint = checkpoints[shard.id]
            shards[shard.id] = Shard(
                parents: shard.parents, last: checkpoint == Self.end ? nil : checkpoint,
                isFinished: checkpoint == Self.end && shard.isClosed)
            order.append(shard.id)
        }
    }

    // MARK: Reading

    /// Where to read in a shard.
    struct Place: Sendable, Hashable {
        var shard: String
        /// Where the last read said to go on.
        var iterator: String?
        /// The last record that was read; nil for the oldest that there is.
        var after: String?
    }

    /// Takes a shard to read: one that is open and that nobody reads now. Shards have their turn one after the other.
    ///
    /// A parent that is neither listed nor known is gone, with all it held.
    mutating func take(besides looked: Set<String> = []) -> Place? {
        for step in order.indices {
            let id = order[(turn + step) % order.count]
            guard let shard = shards[id], isOpen(shard), !shard.isTaken, !looked.contains(id) else { continue }
            turn = (turn + step + 1) % order.count
            shards[id]?.isTaken = true
            return Place(shard: id, iterator: shard.iterator, after: shard.last)
        }
        return nil
    }

    private func isOpen(_ shard: Shard) -> Bool {
        !shard.isEnded && !shard.isFinished && shard.parents.allSatisfy { shards[$0]?.isFinished ?? true }
    }

    /// What a read of a taken shard gave. Without a next iterator the shard has ended.
    mutating func read(_ shard: String, _ records: [Record], next: String?) {
        guard shards[shard] != nil else { return }
        shards[shard]?.records += records
        if let last = records.last { shards[shard]?.last = last.sequence }
        shards[shard]?.iterator = next
        shards[shard]?.isTaken = false
        if next == nil {
            shards[shard]?.isEnded = true
            isListOld = true
        }
        settle(shard)
    }

    /// A read of a taken shard failed: the next one begins anew after the last record that was read.
    mutating func release(_ shard: String) {
        shards[shard]?.iterator = nil
        shards[shard]?.isTaken = false
    }

    // MARK: Offering and deleting

    /// The first records that are not deleted, at most so many, shard by shard and in order.
    func offered(limit: Int) -> [(shard: String, record: Record)] {
        var offered: [(shard: String, record: Record)] = []
        for id in order {
            for record in shards[id]?.records ?? [] where !record.isDeleted {
                if offered.count == limit { return offered }
                offered.append((id, record))
            }
        }
        return offered
    }

    /// A record that is not known, or deleted already, is no fault.
    mutating func delete(_ shard: String, _ sequence: String) {
        guard let place = shards[shard]?.records.firstIndex(where: { $0.sequence == sequence }) else { return }
        shards[shard]?.records[place].isDeleted = true
        settle(shard)
    }

    /// Drops the records before which all are deleted, and moves the checkpoint to the last of them.
    private mutating func settle(_ id: String) {
        guard var shard = shards[id] else { return }
        let done = shard.records.prefix { $0.isDeleted }
        if let last = done.last { unsaved[id] = last.sequence }
        shard.records.removeFirst(done.count)
        if shard.isEnded, shard.records.isEmpty, !shard.isFinished {
            shard.isFinished = true
            unsaved[id] = Self.end
        }
        shards[id] = shard
    }

    // MARK: Remembering

    /// The checkpoints that moved since they were last saved, by shard.
    var toSave: [String: String] { unsaved }

    /// Some of them are saved. One that moved on meanwhile stays to be saved.
    mutating func saved(_ checkpoints: [String: String]) {
        for (shard, checkpoint) in checkpoints where unsaved[shard] == checkpoint { unsaved[shard] = nil }
    }
}
