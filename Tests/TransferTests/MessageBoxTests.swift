// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Synchronization
import Testing

@Suite struct MessageBoxTests {
    private let directory: TemporaryDirectory
    private let refusals = Refusals()

    init() throws { directory = try TemporaryDirectory() }

    private func makeBox() throws -> DirectoryMessageBox {
        try DirectoryMessageBox(directory: directory.path) { [refusals] in refusals.add($0) }
    }

    @Test("a message is a file named after its identifier")
    func fileName() async throws {
        let box = try makeBox()
        #expect(try await box.publish(OutgoingMessage(identifier: "one", body: [123, 125])) == "one.json")
        #expect(directory.names() == ["one.json"])
        #expect(directory.read("one.json") == [123, 125])
    }

    @Test("other bytes under a sent identifier are refused", arguments: [[], [1], [1, 2, 3], [9, 9]] as [[UInt8]])
    func otherBytes(body: [UInt8]) async throws {
        let box = try makeBox()
        _ = try await box.publish(OutgoingMessage(identifier: "one", body: [1, 2]))
        let code = await failureCode { _ = try await box.publish(OutgoingMessage(identifier: "one", body: body)) }
        #expect(code == .stateConflict)
        #expect(directory.names() == ["one.json"])
        #expect(directory.read("one.json") == [1, 2])
    }

    @Test("an identifier that is a path or a temporary name is refused", arguments: ["../x", "a/b", ".x", "", "a\0b"])
    func badIdentifier(identifier: String) async throws {
        let box = try makeBox()
        let code = await failureCode { _ = try await box.publish(OutgoingMessage(identifier: identifier, body: [])) }
        #expect(code == .pathRefused)
        #expect(directory.names().isEmpty)
    }

    @Test("messages come in the order of their names, without temporary ones and directories")
    func order() async throws {
        for name in ["b.json", "a.cnm", ".hidden.json", "c.json.part", "d.tmp"] {
            directory.write(BytePath(name), Array(name.utf8))
        }
        directory.makeDirectory("done")
        let box = try makeBox()
        #expect(try await box.receive(limit: 10).map(\.key) == ["a.cnm", "b.json"])
        #expect(try await box.receive(limit: 1).map(\.key) == ["a.cnm"])
        #expect(refusals.all.isEmpty)
    }

    @Test("a file that can't be a message is set aside with its reason, and its neighbours come")
    func poison() async throws {
        directory.write("a-large.json", Array(repeating: 32, count: Limits.messageBytes + 1))
        directory.link("b-link.json", to: "/etc/passwd")
        mkfifo(directory.cPath("c-pipe.json"), 0o644)
        directory.write(BytePath([0xFF, 0x61]), [1])
        directory.write("z-good.json", [123, 125])
        let box = try makeBox()
        #expect(try await box.receive(limit: 1).map(\.key) == ["z-good.json"])
        #expect(try await box.receive(limit: 10).map(\.key) == ["z-good.json"])
        // The fourth name sorts behind the good one, so the first look with a limit of one did not come to it.
        #expect(refusals.all == [.limitReached, .pathRefused, .pathRefused, .invalid])
        #expect(directory.names(in: "refused").count == 8)
        let reason = try #require(directory.read("refused/a-large.json.reason.txt"))
        #expect(String(decoding: reason, as: UTF8.self).contains("limit.reached"))
    }

    @Test("deleting spares a newer message of the same name")
    func deleteSparesNewer() async throws {
        directory.write("one.json", [1])
        let box = try makeBox()
        let message = try await box.receive(limit: 1)[0]
        directory.write("one.json", [1, 2])
        try await box.delete(message)
        #expect(directory.read("one.json") == [1, 2])
    }

    @Test("half written messages of a dead process are swept, the partner's are not")
    func sweep() async throws {
        directory.write(".granary-1-1.part", [1])
        directory.write(".theirs.part", [1])
        try await makeBox().sweep()
        #expect(directory.names() == [".theirs.part"])
    }
}

private final class Refusals: Sendable {
    private let codes = Mutex<[GranaryError.Code]>([])

    var all: [GranaryError.Code] { codes.withLock { $0 } }
    func add(_ error: GranaryError) { codes.withLock { $0.append(error.code) } }
}
