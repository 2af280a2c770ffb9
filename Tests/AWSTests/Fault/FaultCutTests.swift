// SPDX-License-Identifier: Apache-2.0

import FaultServer
import Foundation
import GranaryAWS
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

/// What is cut off on its way from a bucket is never taken for a file.
@Suite("Cut answers of S3") struct FaultCutTests {
    /// Cuts at each of these places go over the wire in one call of `stage`.
    private static let batch = 1024

    @Test("no cut of a 64 KiB answer, at whatever byte, makes a wrong file")
    func everyByte() async throws {
        // HTTPStore takes each place (`FaultCutTests` of Transfer). Here every third, and each with GRANARY_EXHAUSTIVE=1.
        let step = ProcessInfo.processInfo.environment["GRANARY_EXHAUSTIVE"] == nil ? 3 : 1
        let bytes = patterned(64 << 10)
        let places = Array(stride(from: 0, through: bytes.count + 600, by: step))
        let cuts = try CutSite(bytes, places)
        var outcome = CutSite.Outcome()
        for start in stride(from: 0, to: places.count, by: Self.batch) {
            outcome += try await cuts.transfer(places[start..<min(start + Self.batch, places.count)])
        }
        #expect(outcome.wrong == [])
        #expect(outcome.unclassified == [])
        #expect(outcome.whole == places.count, "each transfer succeeds in the end")
        #expect(outcome.failedAtFirst >= (64 << 10) / step, "each cut inside the answer was seen")
    }

    @Test("no cut of larger answers makes a wrong file, at five thousand random places")
    func randomPlaces() async throws {
        var random = SeededGenerator.fresh()
        let bytes = patterned(320 << 10, seed: random.next())
        let places = Array(Set((0..<5200).map { _ in Int.random(in: 0..<bytes.count, using: &random) }).prefix(5000))
        let cuts = try CutSite(bytes, places, resets: true)
        var outcome = CutSite.Outcome()
        for start in stride(from: 0, to: places.count, by: 500) {
            outcome += try await cuts.transfer(places[start..<min(start + 500, places.count)])
        }
        #expect(outcome.wrong == [], "seed \(random.seed)")
        #expect(outcome.unclassified == [], "seed \(random.seed)")
        #expect(outcome.whole == places.count, "seed \(random.seed)")
        #expect(outcome.failedAtFirst == places.count, "seed \(random.seed)")
    }
}

/// One object for each place; the first answer for it is cut there.
private struct CutSite {
    struct Outcome {
        /// Places whose file was staged with other bytes.
        var wrong: [Int] = []
        /// Errors that say nothing sensible.
        var unclassified: [String] = []
        var whole = 0
        var failedAtFirst = 0

        static func += (left: inout Outcome, right: Outcome) {
            left.wrong += right.wrong
            left.unclassified += right.unclassified
            left.whole += right.whole
            left.failedAtFirst += right.failedAtFirst
        }
    }

    let site: FaultSite
    let store: S3Store
    let archive: LocalStore
    let directory: TemporaryDirectory
    let digest: Checksum
    let generation: String

    init(_ bytes: [UInt8], _ places: [Int], resets: Bool = false) throws {
        site = try FaultSite()
        directory = try TemporaryDirectory()
        archive = try LocalStore(root: directory.path)
        digest = Checksum(.sha256, of: bytes)
        generation = "\(Checksum(.md5, of: bytes).hex)/\(bytes.count)/1767225600"
        var settings = S3Store.Settings()
        settings.parallelReads = 24
        store = site.bucket(settings: settings)
        site.server.put(bytes, bucket: "bucket", keys: places.map(String.init), checksummed: true)
        site.server.faults.always { call in
            guard call.operation == .getObject, call.visit == 1, let place = Int(call.subject.dropFirst(7)) else {
                return []
            }
            return [.cut(after: place, reset: resets && place % 2 == 1)]
        }
    }

    /// Stages each file until it is there, as a watcher does, and looks at what came.
    func transfer(_ places: ArraySlice<Int>) async throws -> Outcome {
        var outcome = Outcome()
        var left = Array(places)
        for round in 1...3 where !left.isEmpty {
            let requests = left.map { place in
                StageRequest(path: BytePath("\(place)"), generation: generation, target: BytePath("a/\(place)"))
            }
            let results = await archive.stage(requests, from: store)
            var again: [Int] = []
            for (place, result) in zip(left, results) {
                switch result {
                case .success(let file):
                    outcome.whole += 1
                    if file.sha256 != digest { outcome.wrong.append(place) }
                case .failure(let error):
                    again.append(place)
                    if !error.passes || error.code == .sourceChanged {
                        outcome.unclassified.append("\(place): \(error)")
                    }
                }
            }
            await archive.discard(results.compactMap(\.value))
            if round == 1 { outcome.failedAtFirst = again.count }
            left = again
        }
        return outcome
    }
}
