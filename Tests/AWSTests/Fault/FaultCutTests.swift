// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryAWS
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

/// What is cut off on its way from a bucket is never taken for a file.
@Suite("Cut answers of S3") struct FaultCutTests {
    @Test("no cut of a 64 KiB answer, at whatever byte, makes a wrong file")
    func everyByte() async throws {
        var random = SeededGenerator.fresh()
        let bytes = scrambled(64 << 10)
        let places = cutPlaces(of: bytes.count, &random)
        let rounds = try await CutBucket(bytes, places).transferAll(atOnce: 1024)
        #expect(rounds.wrong == [])
        #expect(rounds.unclassified == [])
        #expect(rounds.whole == places.count, "each transfer succeeds in the end")
        #expect(rounds.failedAtFirst >= places.filter { $0 < bytes.count }.count, "each cut inside the answer was seen")
    }

    @Test("no cut of larger answers makes a wrong file, at five thousand random places")
    func randomPlaces() async throws {
        var random = SeededGenerator.fresh()
        let bytes = scrambled(128 << 10, random.next())
        let drawn = (0..<5200).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
        let places = Array(Set(drawn).sorted().prefix(5000))
        let rounds = try await CutBucket(bytes, places, resets: true).transferAll(atOnce: 500)
        #expect(rounds.wrong == [], "seed \(random.seed)")
        #expect(rounds.unclassified == [], "seed \(random.seed)")
        #expect(rounds.whole == places.count, "seed \(random.seed)")
        #expect(rounds.failedAtFirst == places.count, "seed \(random.seed)")
    }

    @Test("a transfer that goes on where it was cut makes the file as it is", arguments: [0, 1, 9000, 65_535])
    func resumed(_ place: Int) async throws {
        let bytes = scrambled(64 << 10)
        let cut = try CutBucket(bytes, [place], body: true)
        let patient = RetryingStore(cut.store, policy: FaultSite.hasty)
        let sink = DigestSink(.sha256)
        try await patient.send(BytePath("\(place)"), generation: cut.generation, from: 0, to: sink)
        #expect(sink.checksum == Checksum(.sha256, of: bytes))
        #expect(cut.site.server.faults.calls(.getObject) == 2)
    }

    private static let wrongAnswers: [Fault] = [
        .wrongLength(by: 7), .wrongLength(by: -7), .closeDelimited, .wrongETag("d41d8cd98f00b204e9800998ecf8427e"),
        .ignoreRange, .status(200), .errorInside200(),
    ]

    @Test("an answer that lies is no file", arguments: wrongAnswers.indices)
    func lies(_ number: Int) async throws {
        let bytes = scrambled(64 << 10)
        let cut = try CutBucket(bytes, [])
        cut.site.server.put(bytes, bucket: "bucket", keys: ["a"], checksummed: true)
        cut.site.server.faults.always { call in call.operation == .getObject ? [Self.wrongAnswers[number]] : [] }
        let sink = DigestSink(.sha256)
        do {
            try await cut.store.send("a", generation: cut.generation, from: 100, to: sink)
            // A range that was ignored may be made up for: the bytes before it are passed over.
            #expect(sink.checksum == Checksum(.sha256, of: Array(bytes[100...])))
        } catch is GranaryError {}
    }

    @Test("bytes that were changed on the way differ from what the bucket states of them")
    func corrupted() async throws {
        let bytes = scrambled(64 << 10)
        let cut = try CutBucket(bytes, [])
        cut.site.server.put(bytes, bucket: "bucket", keys: ["a"], checksummed: true)
        cut.site.server.faults.planNext(.corrupt(at: 4711), on: .getObject)
        let request = StageRequest(path: "a", generation: cut.generation, target: "a")
        let file = try await cut.archive.stage([request], from: cut.store)[0].get()
        #expect(!file.stated.isEmpty)
        #expect(file.stated.contains { file.digests[$0.algorithm] != $0 })
    }
}

/// A bucket with one object for each place; the first answer for it is cut there.
private struct CutBucket {
    let site: FaultSite
    let store: S3Store
    let archive: LocalStore
    let digest: Checksum
    let generation: String
    private let directory: TemporaryDirectory
    private let places: [Int]

    init(_ bytes: [UInt8], _ places: [Int], resets: Bool = false, body: Bool = false) throws {
        self.places = places
        site = try FaultSite()
        directory = try TemporaryDirectory()
        archive = try LocalStore(root: directory.path)
        digest = Checksum(.sha256, of: bytes)
        generation = "\(Checksum(.md5, of: bytes).hex)/\(bytes.count)/1767225600"
        store = site.bucket()
        site.server.put(bytes, bucket: "bucket", keys: places.map(String.init), checksummed: true)
        site.server.faults.always { call in
            guard call.operation == .getObject, call.visit == 1,
                let place = Int(call.subject.dropFirst("bucket/".count))
            else { return [] }
            return body ? [.cutBody(after: place)] : [.cut(after: place, reset: resets && place % 2 == 1)]
        }
    }

    func transferAll(atOnce count: Int) async -> StagingRounds {
        var rounds = StagingRounds()
        for start in stride(from: 0, to: places.count, by: count) {
            let paths = places[start..<min(start + count, places.count)].map { BytePath("\($0)") }
            await rounds.transfer(paths, generation: generation, digest: digest, from: store, to: archive)
        }
        return rounds
    }
}
