// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryAWS
import GranaryCore
import GranaryTesting
import Synchronization
import Testing

/// A listing shows everything once, or ends with an error.
@Suite("Listings that go wrong") struct ListingFaultTests {
    private let site: FaultSite
    private let keys = (0..<3500).map { "dir \($0 % 7)/é+\(10_000 + $0).nc" }

    init() throws {
        site = try FaultSite()
        site.server.put([1, 2, 3], bucket: "bucket", keys: keys)
    }

    @Test("a listing of keys of one second comes whole, in pages")
    func whole() async throws {
        #expect(try await list().sorted() == keys.sorted())
        #expect(site.server.faults.calls(.listObjects) == 4)
    }

    @Test("a page that fails once is asked for again", arguments: ReplyLostTests.losses.indices)
    func again(_ loss: Int) async throws {
        site.server.faults.plan(ReplyLostTests.losses[loss], on: .listObjects, call: 3)
        #expect(try await list().sorted() == keys.sorted())
    }

    @Test("a page that keeps failing ends the listing with an error that passes", arguments: [429, 500, 503])
    func failing(_ status: Int) async throws {
        site.server.faults.always { call in
            call.operation == .listObjects && call.request.query.contains("continuation-token")
                ? [.status(status, code: "SlowDown")] : []
        }
        let error = await #expect(throws: GranaryError.self) { try await list() }
        #expect(error?.passes == true)
    }

    @Test("a token or a page that is repeated ends the listing with an error", arguments: [false, true])
    func repeated(_ token: Bool) async throws {
        site.server.faults.plan(token ? .repeatToken : .repeatPage, on: .listObjects, call: 3)
        await #expect(throws: GranaryError.self) { try await list() }
    }

    @Test("any mixture of faults gives the whole listing or an error")
    func mixture() async throws {
        var random = SeededGenerator.fresh()
        for round in 0..<20 {
            let faults = Faults(&random)
            site.server.faults.clear()
            site.server.faults.always { call in call.operation == .listObjects ? faults.next() : [] }
            do {
                let found = try await list()
                #expect(found.count == keys.count && Set(found) == Set(keys), "seed \(random.seed), round \(round)")
            } catch let error as GranaryError {
                #expect(error.remedy != "", "seed \(random.seed)")
            }
        }
    }

    @Test("what is there during the whole listing is listed once, whatever comes and goes meanwhile")
    func moving() async throws {
        let server = site.server
        let gone = Set(keys.filter { $0.hasSuffix("5.nc") })
        let store = site.bucket()
        defer { server.faults.clear() }
        server.faults.always { call in
            guard call.operation == .listObjects, call.number > 1 else { return [] }
            server.put([9], bucket: "bucket", keys: ["dir 0/new\(call.number)", "dir 6/zzz\(call.number)"])
            return []
        }
        var found: [String] = []
        for try await page in store.entries() {
            found += page.map(\.path.description)
            if let victim = gone.first(where: { !found.contains($0) }),
                let entry = try await store.entry(at: BytePath(victim))
            {
                #expect(try await store.remove(BytePath(victim), generation: entry.generation))
            }
        }
        #expect(Set(found).count == found.count)
        #expect(Set(keys).subtracting(gone).isSubset(of: found))
    }

    private func list() async throws -> [String] {
        var found: [String] = []
        for try await page in site.bucket().entries() { found += page.map(\.path.description) }
        return found
    }
}

/// Faults of one listing, as a seed wants them.
private final class Faults: Sendable {
    private let coming: Mutex<[[Fault]]>

    init(_ random: inout SeededGenerator) {
        let choices: [[Fault]] = [
            [], [], [], [.status(503)], [.cut(after: Int.random(in: 0..<90_000, using: &random))], [.dropReply],
            [.reorderPage], [.repeatPage], [.repeatToken], [.status(429, retryAfter: 0)], [.wrongLength(by: 10)],
            [.wrongLength(by: -10)], [.closeDelimited], [.corrupt(at: Int.random(in: 0..<90_000, using: &random))],
        ]
        coming = Mutex((0..<12).map { _ in random.pick(choices) })
    }

    func next() -> [Fault] { coming.withLock { $0.popLast() ?? [] } }
}
