// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

@Suite struct ConformanceTests {
    @Test("a directory keeps the contract of a store", arguments: StoreConformance.checks)
    func localStore(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        let directory = try TemporaryDirectory()
        try await check.run(on: SourceUnderTest(try LocalStore(root: directory.path)))
    }

    @Test("a directory keeps the contract of an archive", arguments: StoreConformance.archiveChecks)
    func localArchive(_ check: ConformanceCheck<any ArchiveStore>) async throws {
        let directory = try TemporaryDirectory()
        try await check.run(on: try LocalStore(root: directory.path))
    }

    @Test("the store in memory keeps the contract of a store", arguments: StoreConformance.checks)
    func memoryStore(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        try await check.run(on: SourceUnderTest(MemoryStore()))
    }

    @Test("the store in memory keeps the contract of an archive", arguments: StoreConformance.archiveChecks)
    func memoryArchive(_ check: ConformanceCheck<any ArchiveStore>) async throws {
        try await check.run(on: MemoryStore())
    }

    @Test("a directory keeps the contract of a message box", arguments: MessageConformance.checks)
    func messageBox(_ check: ConformanceCheck<MessageConformance.Ends>) async throws {
        let directory = try TemporaryDirectory()
        let box = try DirectoryMessageBox(directory: directory.path) { Issue.record($0) }
        try await check.run(on: MessageConformance.Ends(box))
        #expect(directory.names().allSatisfy { $0.hasSuffix(".json") })
    }

    @Test("the queue in memory keeps the same contract", arguments: MessageConformance.checks)
    func memoryQueue(_ check: ConformanceCheck<MessageConformance.Ends>) async throws {
        try await check.run(on: MessageConformance.Ends(MemoryMessageQueue()))
    }

    @Test("the suite finds an archive that breaks its word")
    func brokenArchive() async {
        var found = 0
        for check in StoreConformance.archiveChecks {
            let store = MemoryStore()
            store.faults.fail(.publish, onCall: 1, with: .planned())
            do { try await check.run(on: store) } catch { found += 1 }
        }
        #expect(found > 0)
    }
}
