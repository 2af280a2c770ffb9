// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryTransfer

extension RemoteSite {
    /// - Parameter view: `json`, `html`, `private`: what nginx shows the same files as.
    static func http(_ view: String, isPlain: Bool = true) async throws -> RemoteSite {
        let server = try await TestServer.start("nginx")
        let folder = try ownFolder(in: server["DATA"])
        let origin = isPlain ? "http://127.0.0.1:\(server["PLAIN_PORT"])" : "https://localhost:\(server["PORT"])"
        let wanted = access { access in
            if !isPlain { access.caFile = server["CA"] }
            if view == "private" { (access.user, access.password) = (server["USER"], Secret(server["PASSWORD"])) }
        }
        let name = folder.split(separator: "/").last ?? ""
        return RemoteSite(
            server: server, folder: folder, store: try HTTPStore("\(origin)/\(view)/\(name)/", access: wanted))
    }

    /// As `StoreConformance` wants what nothing can be removed from.
    var readOnly: SourceUnderTest {
        var source = underTest
        source.canRemove = false
        return source
    }
}

@Suite("Http, from a real nginx") struct HTTPStoreTests {
    @Test("a folder listed in JSON keeps the contract of a store", arguments: StoreConformance.checks)
    func json(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        try await check.run(on: try await RemoteSite.http("json").readOnly)
    }

    @Test("a folder listed in HTML keeps the contract of a store", arguments: StoreConformance.checks)
    func html(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        try await check.run(on: try await RemoteSite.http("html").readOnly)
    }

    @Test("a folder behind TLS and a password keeps it too", arguments: StoreConformance.checks)
    func closed(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        try await check.run(on: try await RemoteSite.http("private", isPlain: false).readOnly)
    }

    @Test("a wrong password, and a certificate that nobody vouches for, are told apart")
    func trust() async throws {
        let site = try await RemoteSite.http("private")
        let url = site.store.location
        let wrong = try HTTPStore(url, access: access { ($0.user, $0.password) = ("granary", Secret("wrong")) })
        await expect(code: .loginRefused) { try await listing(wrong) }
        await expect(code: .loginRefused) { try await wrong.entry(at: "x") }
        let secure = "https://localhost:\(site.server["PORT"])/json"
        await expect(code: .tlsRefused) { try await listing(HTTPStore(secure, access: access())) }
        let otherName = secure.replacing("localhost", with: "other.localhost")
        await expect(code: .tlsRefused) {
            try await listing(HTTPStore(otherName, access: access { $0.caFile = site.server["CA"] }))
        }
    }

    @Test("a folder that is not there is an error, never an empty one")
    func missing() async throws {
        let site = try await RemoteSite.http("json")
        let gone = try HTTPStore(site.store.location + "/gone", access: access())
        await expect(code: .notFound) { try await listing(gone) }
    }

    @Test("a file that grows, shrinks or is touched is another generation, and is not sent as the old one")
    func changes() async throws {
        let site = try await RemoteSite.http("json")
        try site.put("file", [1, 2, 3])
        let generation = try #require(try await site.store.entry(at: "file")).generation
        for bytes: [UInt8] in [[1, 2, 3, 4], [1], []] {
            try site.put("file", bytes)
            #expect(try await site.store.entry(at: "file")?.generation != generation)
            await expect(code: .sourceChanged) {
                try await site.store.send("file", generation: generation, to: ByteCollector())
            }
        }
    }

    @Test("over TLS, HTTP/2 is spoken, and a thousand requests are answered each with its own")
    func http2() async throws {
        let site = try await RemoteSite.http("json", isPlain: false)
        for number in 0..<10 { try site.put(BytePath("\(number)"), Array(repeating: UInt8(number), count: 10_000)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    let bytes = try await site.store.read(BytePath("\(number % 10)"), limit: 10_000)
                    #expect(bytes == Array(repeating: UInt8(number % 10), count: 10_000))
                }
            }
            try await group.waitForAll()
        }
        let request = TransferRequest(site.store.location + "/1", access: access { $0.caFile = site.server["CA"] })
        let answer = try await CurlEngine.shared.exchange(request, limit: 10_000)
        // HTTP/2 knows no capital letters, and nginx writes `Server`.
        #expect(answer.headers.contains { $0.name == "server" })
    }
}
