// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

/// What is cut off on its way from a web server is never taken for a file.
@Suite("Cut answers of HTTP") struct FaultHTTPTests {
    @Test("no cut of a 64 KiB answer, at whatever byte, makes a wrong file")
    func everyByte() async throws {
        var random = SeededGenerator.fresh()
        let bytes = patterned(64 << 10)
        let places = cutPlaces(of: bytes.count, &random)
        let rounds = try await CutFolder(bytes, places).transferAll(atOnce: 1024)
        #expect(rounds.wrong == [])
        #expect(rounds.unclassified == [])
        #expect(rounds.whole == places.count)
        #expect(rounds.failedAtFirst >= places.filter { $0 < bytes.count }.count)
    }

    @Test("no cut of larger answers makes a wrong file, at five thousand random places, going on from there")
    func randomPlaces() async throws {
        var random = SeededGenerator.fresh()
        let bytes = patterned(128 << 10, seed: random.next())
        let drawn = (0..<5200).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
        let folder = try CutFolder(bytes, Array(Set(drawn).sorted().prefix(5000)), resets: true)
        let rounds = try await folder.transferAll(atOnce: 500, patiently: true)
        #expect(rounds.wrong == [], "seed \(random.seed)")
        #expect(rounds.unclassified == [], "seed \(random.seed)")
        #expect(rounds.whole == 5000, "seed \(random.seed)")
        #expect(rounds.failedAtFirst == 0, "seed \(random.seed): one call goes on from where it was cut")
        #expect(folder.server.faults.calls(.getFile) >= 10_000, "seed \(random.seed)")
    }

    private static let wrongAnswers: [Fault] = [
        .wrongLength(by: 7), .wrongLength(by: -7), .closeDelimited, .wrongETag("0123456789abcdef"), .ignoreRange,
    ]

    @Test("an answer that lies is no file", arguments: wrongAnswers.indices)
    func lies(_ number: Int) async throws {
        let folder = try CutFolder(patterned(1000), [1])
        folder.server.faults.clear()
        let generation = try #require(try await folder.store.entry(at: "1")).generation
        folder.server.faults.always { call in call.operation == .getFile ? [Self.wrongAnswers[number]] : [] }
        let sink = DigestSink(.sha256)
        do {
            try await folder.store.send("1", generation: generation, from: 100, to: sink)
            // A range that was ignored may be made up for: the bytes before it are passed over.
            #expect(sink.checksum == Checksum(.sha256, of: Array(patterned(1000)[100...])))
        } catch is GranaryError {}
    }

    @Test("no redirect leads to a host that is not allowed", arguments: [301, 302, 303, 307, 308])
    func redirects(_ status: Int) async throws {
        let folder = try CutFolder(patterned(100), [1])
        let canary = try FaultServer()
        let target = canary.filesURL + "/1"
        folder.server.faults.clear()
        let generation = try #require(try await folder.store.entry(at: "1")).generation
        folder.server.faults.always { _ in [.redirect(to: target, status: status)] }
        await #expect(throws: GranaryError.self) { try await folder.store.read("1", limit: 1000) }
        await #expect(throws: GranaryError.self) {
            try await folder.store.send("1", generation: generation, from: 0, to: DigestSink(.sha256))
        }
        await #expect(throws: GranaryError.self) { for try await _ in folder.store.entries() {} }
        _ = try? await folder.store.entry(at: "1")
        #expect(canary.connections == 0)
    }

    @Test("links of a listing that lead elsewhere are not followed")
    func links() async throws {
        let folder = try CutFolder(patterned(100), [1])
        let canary = try FaultServer()
        folder.server.putFiles(
            [],
            paths: [
                "d/\(canary.url)/x", "d/..%2F..%2Fetc", "d/ok", "d/@\(canary.port)",
                "d/http:%2F%2F127.0.0.1:\(canary.port)",
            ])
        for html in [true, false] {
            folder.server.listFilesAsHTML(html)
            do { for try await _ in folder.store.entries() {} } catch is GranaryError {}
        }
        #expect(canary.connections == 0)
    }

    @Test("a password never shows, whatever goes wrong")
    func secrets() async throws {
        let canary = "CANARY-password"
        let server = try FaultServer()
        server.putFiles([1], paths: ["a"])
        server.requireLogin("user:other")
        var access = ServerAccess()
        access.user = "user"
        access.password = Secret(canary)
        let store = try HTTPStore(server.filesURL, access: access)
        let faults: [[Fault]] = [
            [], [.dropReply], [.refuse], [.cut(after: 20)], [.status(500)],
            [.redirect(to: "http://user:x@127.0.0.1:1/")],
            [.closeDelimited],
        ]
        for fault in faults {
            server.faults.clear()
            server.faults.always { _ in fault }
            let error = await #expect(throws: (any Error).self) { try await store.read("a", limit: 10) }
            var text = error.map { "\($0) \(String(reflecting: $0))" } ?? ""
            dump(error, to: &text)
            dump(store, to: &text)
            #expect(!text.contains(canary))
        }
    }

    @Test("a listing that fails in between is whole or an error", arguments: [false, true])
    func listings(_ html: Bool) async throws {
        var random = SeededGenerator.fresh()
        let folder = try CutFolder([1], [])
        let names = (0..<40).flatMap { place in (0..<20).map { "d\(place % 5)/e\(place)/f\($0).nc" } }
        folder.server.putFiles([1], paths: names)
        folder.server.listFilesAsHTML(html)
        for _ in 0..<40 {
            let number = folder.server.faults.calls(.listFolder) + Int.random(in: 1...40, using: &random)
            let fault = random.pick([
                Fault.status(503), .cut(after: Int.random(in: 0..<2500, using: &random)), .dropReply, .closeDelimited,
                .wrongLength(by: 5), .wrongLength(by: -40), .reorderPage,
            ])
            folder.server.faults.clear()
            folder.server.faults.plan(fault, on: .listFolder, call: number)
            var found: [String] = []
            do {
                for try await page in folder.store.entries() { found += page.map(\.path.description) }
                #expect(found.sorted() == names.sorted(), "seed \(random.seed), \(fault)")
            } catch is GranaryError {}
        }
    }
}

/// A folder with one file for each place; the first answer for it is cut there.
private struct CutFolder {
    let server: FaultServer
    let store: HTTPStore
    private let archive: LocalStore
    private let directory: TemporaryDirectory
    private let digest: Checksum
    private let places: [Int]

    init(_ bytes: [UInt8], _ places: [Int], resets: Bool = false) throws {
        self.places = places
        directory = try TemporaryDirectory()
        archive = try LocalStore(root: directory.path)
        digest = Checksum(.sha256, of: bytes)
        server = try FaultServer()
        server.putFiles(bytes, paths: places.map(String.init))
        store = try HTTPStore(server.filesURL, access: ServerAccess(), engine: CurlEngine(threads: 2))
        server.faults.always { call in
            guard call.operation == .getFile, call.visit == 1, let place = Int(call.subject) else { return [] }
            return [.cut(after: place, reset: resets && place % 2 == 1)]
        }
    }

    func transferAll(atOnce count: Int, patiently: Bool = false) async throws -> StagingRounds {
        let policy = RetryPolicy(attempts: 6, first: .milliseconds(1), longest: .milliseconds(5))
        let source: any Store = patiently ? RetryingStore(store, policy: policy) : store
        let generation = try #require(try await store.entry(at: BytePath("\(places[0])"))).generation
        var rounds = StagingRounds()
        for start in stride(from: 0, to: places.count, by: count) {
            let paths = places[start..<min(start + count, places.count)].map { BytePath("\($0)") }
            await rounds.transfer(paths, generation: generation, digest: digest, from: source, to: archive)
        }
        return rounds
    }
}

/// Bytes that a wrong order, a gap or a repeat cannot leave as they are.
private func patterned(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count { withUnsafeBytes(of: random.next()) { bytes += $0 } }
    return Array(bytes.prefix(count))
}
