// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Subprocess
import Testing

/// The demonstration through S3, SQS, SNS and Kinesis, on servers that verify every signature.
@Suite struct CloudDemoTests {
    let work: TemporaryDirectory
    init() throws { work = try TemporaryDirectory() }

    @Test("the whole story goes through buckets, queues, a topic and a stream, and every delivery is acknowledged")
    func story() async throws {
        let (objects, messages) = (try await TestServer.start("seaweedfs"), try await TestServer.start("ministack"))
        let package = BuiltProgram.package
        let outcome = try await GranaryBinary.run(
            [
                "demo", "--staging", "\(package)/staging", "--processes", "\(package)/processes", "--into",
                work.file("demo"), "--s3", "http://127.0.0.1:\(objects["PORT"])", "--messages", messages["URL"],
                "--account", messages["ACCOUNT"],
            ],
            environment: [
                "GRANARY_DEMO_S3_KEY": objects["ACCESS_KEY"], "GRANARY_DEMO_S3_SECRET": objects["SECRET_KEY"],
                "GRANARY_DEMO_AWS_KEY": messages["KEY"], "GRANARY_DEMO_AWS_SECRET": messages["SECRET"],
            ])
        #expect(outcome.code == 0, "\(outcome.error)")
        #expect(
            try await counts("SELECT destination || ' ' || state AS key, COUNT(*) AS n FROM submission GROUP BY 1") == [
                "ocean-daac acknowledged": 25, "ocean-products acknowledged": 20,
            ])
        let archived = "SELECT collection AS key, COUNT(*) AS n FROM granule WHERE state = 'archived' GROUP BY 1"
        let produced = try await counts(archived)
        #expect(produced["TIDEWATCH_L2_STATS"] == 20)
        #expect(try await counts(archived, of: "daac") == produced)
        for secret in [objects["SECRET_KEY"], messages["SECRET"]] {
            #expect(!outcome.output.contains(secret) && !outcome.error.contains(secret))
            #expect(try !holds(secret))
        }
    }

    private func counts(_ query: String, of site: String = "sds") async throws -> [String: Int] {
        let catalog = try Catalog.openForReading(at: work.file("demo/\(site)/catalog.sqlite"))
        let rows = try await catalog.read { try $0.query(query).map { (try $0.text("key"), try $0.int("n")) } }
        try await catalog.database.close()
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// Whether any file of either site has this text in it.
    private func holds(_ text: String) throws -> Bool {
        let files = FileManager.default.enumerator(
            at: URL(filePath: work.file("demo")), includingPropertiesForKeys: nil)
        return try (files?.allObjects as? [URL] ?? []).filter { !$0.hasDirectoryPath }.contains {
            try Data(contentsOf: $0).range(of: Data(text.utf8)) != nil
        }
    }
}
