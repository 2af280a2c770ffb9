// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryAWS

@Suite("The book of shards") struct ShardBookTests {
    @Test("a checkpoint passes only records before which all are deleted")
    func prefix() throws {
        var book = ShardBook()
        book.add([.init(id: "a", parents: [], isClosed: false)], checkpoints: [:])
        let first = book.take()
        let place = try #require(first)
        #expect(place == .init(shard: "a", iterator: nil, after: nil))
        let taken1 = book.take()
        #expect(taken1 == nil, "nobody else reads it meanwhile")
        book.read("a", records(1...4), next: "i")
        book.delete("a", "2")
        #expect(book.toSave.isEmpty)
        book.delete("a", "1")
        #expect(book.toSave == ["a": "2"])
        #expect(book.offered(limit: 9).map(\.record.sequence) == ["3", "4"])
        book.saved(["a": "2"])
        book.delete("a", "2")
        book.delete("a", "9")
        #expect(book.toSave.isEmpty)
        let taken2 = book.take()
        #expect(taken2 == .init(shard: "a", iterator: "i", after: "4"))
    }

    @Test("children are opened once both parents are read and done with")
    func lineage() throws {
        var book = ShardBook()
        let shards: [ShardBook.Listed] = [
            .init(id: "a", parents: [], isClosed: true), .init(id: "b", parents: [], isClosed: true),
            .init(id: "c", parents: ["a", "b"], isClosed: false),
        ]
        book.add(shards, checkpoints: ["b": ShardBook.end])
        #expect(book.take()?.shard == "a")
        book.read("a", records(1...1), next: nil)
        let taken3 = book.take()
        #expect(taken3 == nil, "one record of the parent is not deleted yet")
        book.delete("a", "1")
        #expect(book.toSave == ["a": ShardBook.end])
        #expect(book.take()?.shard == "c")
    }

    @Test("after a failure a shard is read anew behind the last record, and a shard of a new stream from its start")
    func anew() throws {
        var book = ShardBook()
        book.add(
            [.init(id: "a", parents: [], isClosed: false), .init(id: "b", parents: ["gone"], isClosed: false)],
            checkpoints: ["a": "7", "b": ShardBook.end])
        let taken4 = book.take()
        #expect(taken4 == .init(shard: "a", iterator: nil, after: "7"))
        book.release("a")
        let taken5 = book.take()
        #expect(taken5 == .init(shard: "b", iterator: nil, after: nil), "it was finished, and is open again")
        let taken6 = book.take()
        #expect(taken6 == .init(shard: "a", iterator: nil, after: "7"))
    }

    @Test("whatever the order of reads, deletes, deaths and splits, every record is offered until it is deleted")
    func random() throws {
        for seed in UInt64(0)..<200 { try life(seed) }
    }

    /// A stream of three generations of shards, read by readers that die, seeded.
    private func life(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let lineage = ["a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]]
        let all = lineage.keys.flatMap { shard in (1...5).map { "\(shard):\($0)" } }
        let listed = ["a", "b", "c", "d"].map {
            ShardBook.Listed(id: $0, parents: lineage[$0] ?? [], isClosed: $0 != "d")
        }
        var (saved, done, offered): ([String: String], Set<String>, [String]) = ([:], [], [])
        var book = ShardBook()
        var steps = 0
        while done.count < all.count {
            steps += 1
            try #require(steps < 10_000, "seed \(seed) does not end")
            if steps % 40 == 1 {
                book = ShardBook()
                book.add(listed, checkpoints: saved)
            }
            if let place = book.take() {
                let from = (place.iterator ?? place.after).flatMap { Int($0) } ?? 0
                let to = max(from, min(5, from + Int.random(in: 0...2, using: &generator)))
                let isEnd = to == 5 && place.shard != "d"
                book.read(place.shard, records(from + 1..<to + 1), next: isEnd ? nil : "\(to)")
            }
            for (shard, record) in book.offered(limit: 3) where Bool.random(using: &generator) {
                let key = "\(shard):\(record.sequence)"
                let parents = (lineage[shard] ?? []).flatMap { parent in (1...5).map { "\(parent):\($0)" } }
                #expect(Set(parents).isSubset(of: done), "seed \(seed): \(key) came before its parents")
                offered.append(key)
                done.insert(key)
                book.delete(shard, record.sequence)
            }
            saved.merge(book.toSave) { $1 }
            book.saved(book.toSave)
        }
        #expect(Set(offered) == Set(all), "seed \(seed)")
    }

    private func records(_ numbers: some Sequence<Int>) -> [ShardBook.Record] {
        numbers.map { .init(sequence: "\($0)", body: [UInt8($0)], sentAt: nil) }
    }
}
