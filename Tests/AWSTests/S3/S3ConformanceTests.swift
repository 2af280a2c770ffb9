// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

@testable import GranaryAWS

@Suite("S3 keeps the contracts") struct S3ConformanceTests {
    @Test("a bucket of SeaweedFS keeps the contract of a store", arguments: StoreConformance.checks, ["", "a/prefix"])
    func store(_ check: ConformanceCheck<SourceUnderTest>, prefix: String) async throws {
        let bucket = try await S3Service.seaweed().bucket()
        try await check.run(on: source(bucket, prefix))
    }

    @Test("a bucket of SeaweedFS keeps the contract of an archive", arguments: StoreConformance.archiveChecks)
    func archive(_ check: ConformanceCheck<any ArchiveStore>) async throws {
        try await check.run(on: try await S3Service.seaweed().bucket().store(prefix: "archive"))
    }

    @Test("a bucket of rclone keeps the contract of a store", arguments: StoreConformance.checks)
    func rclone(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        var source = source(try await S3Service.rclone().bucket(), "")
        source.cannotName = { $0.text == nil || $0 == "line\nbreak" }
        try await check.run(on: source)
    }

    private func source(_ bucket: S3Bucket, _ prefix: String) -> SourceUnderTest {
        let root = BytePath(prefix)
        var source = SourceUnderTest(bucket.store(prefix: prefix)) { path, bytes in
            try await bucket.put(root.appending(path), bytes)
        }
        // Keys are UTF-8; SeaweedFS takes a backslash for a slash.
        source.cannotName = { $0.text == nil || $0 == "back\\slash" }
        return source
    }
}
