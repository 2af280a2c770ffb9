// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

/// A proxy of the test's own cuts the connection at places that a seed chose. `GRANARY_SEED` repeats a run.
@Suite("Cut connections") struct FTPCutTests {
    @Test("sftp cut anywhere gives every byte in the end, and never a wrong one")
    func sftp() async throws {
        let site = try await RemoteSite.sftp()
        let proxy = try CuttingProxy(host: "127.0.0.1", routes: [(0, UInt16(site.server.port()))])
        defer { proxy.stop() }
        let known = try TemporaryDirectory()
        known.write("known_hosts", Array(try knownHost(of: site.server, at: "127.0.0.1", port: proxy.ports[0]).utf8))
        var access = ServerAccess.key(site.server)
        access.knownHosts = known.path + "/known_hosts"
        let store = { try SFTPStore("sftp://127.0.0.1:\(proxy.ports[0])\(site.folder)", access: access, engine: $0) }
        try await cutEverywhere(site, proxy, places: 200, lists: true, store)
    }

    @Test("ftp cut anywhere, by TLS and without, gives every byte in the end, and never a wrong one")
    func ftp() async throws {
        let site = try await RemoteSite.ftp()
        let first = UInt16(site.server.port("FIRST_DATA_PORT"))
        let controls = ["PORT", "PLAIN_PORT"].map { (UInt16(0), UInt16(site.server.port($0))) }
        // Data connections go to the address of the control connection, and so through the proxy as well.
        let proxy = try CuttingProxy(host: "127.0.0.2", routes: controls + (0..<200).map { (first + $0, first + $0) })
        defer { proxy.stop() }
        let path = "/data/" + BytePath(site.folder).name.description
        for isPlain in [false, true] {
            var access = ServerAccess.anonymous(site.server)
            access.requiresTLS = !isPlain
            let url = "ftp://127.0.0.2:\(proxy.ports[isPlain ? 1 : 0])\(path)"
            // A listing by plain ftp that ends early between two lines is one that nothing can tell.
            try await cutEverywhere(site, proxy, places: 100, lists: !isPlain) { [access] in
                try FTPStore(url, access: access, engine: $0)
            }
        }
    }

    private func cutEverywhere(
        _ site: RemoteSite, _ proxy: CuttingProxy, places: Int, lists: Bool, _ open: (CurlEngine) throws -> any Store
    ) async throws {
        var random = SeededGenerator.fresh()
        let bytes = pattern(150_000)
        try site.put("d/file", bytes)
        let generation = try #require(try await site.store.entry(at: "d/file")).generation
        for place in 0..<places {
            // An engine of its own has no connection yet, so that logins are cut as well.
            let store = try open(CurlEngine(threads: 1))
            let isSoon = random.oneIn(3)
            let cut = Int.random(in: 0..<(isSoon ? 4_000 : 160_000), using: &random)
            let isHard = random.oneIn(2)
            proxy.cut(after: cut, isHard: isHard)
            let what: Comment = "place \(place), seed \(random.seed), cut after \(cut), \(isHard ? "hard" : "soft")"
            if lists, random.oneIn(4) { try await list(store, what) }
            try await fetch(store, bytes, generation, what)
            proxy.heal()
        }
    }

    private func list(_ store: any Store, _ what: Comment) async throws {
        do {
            let found = try await listing(store).map(\.path)
            #expect(found == ["d/file"], "\(what): \(found)")
        } catch {
            expectPassing(error, what)
        }
    }

    private func fetch(_ store: any Store, _ bytes: [UInt8], _ generation: String, _ what: Comment) async throws {
        let sink = Collector()
        for attempt in 1... {
            do {
                try await store.send("d/file", generation: generation, from: Int64(sink.bytes.count), to: sink)
                break
            } catch {
                expectPassing(error, what)
                #expect(sink.bytes.elementsEqual(bytes.prefix(sink.bytes.count)), what)
                try #require(attempt < 5, what)
            }
        }
        #expect(sink.bytes == bytes, what)
    }

    /// A cut is a fault that passes by itself: tried again, not put before an operator.
    private func expectPassing(_ error: any Error, _ what: Comment) {
        guard let fault = error as? GranaryError, case .retry = fault.disposition else {
            Issue.record("\(what): \(error)")
            return
        }
    }

    private func knownHost(of server: TestServer, at host: String, port: UInt16) throws -> String {
        let line = try String(contentsOfFile: server["KNOWN_HOSTS"], encoding: .utf8)
        return "[\(host)]:\(port) " + line.split(separator: " ").dropFirst().joined(separator: " ")
    }
}
