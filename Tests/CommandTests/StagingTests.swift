// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

/// The demonstration over `staging/`: what became of every file is what `staging/EXPECTED.tsv` says.
@Suite struct StagingTests {
    let work: TemporaryDirectory
    init() throws { work = try TemporaryDirectory() }

    @Test("every file of the staging area ends in the state that is written beside it")
    func everyFile() async throws {
        let package = BuiltProgram.package
        let ended = try await BuiltProgram.run([
            "demo", "--staging", "\(package)/staging", "--processes", "\(package)/processes",
            "--into", work.file("demo"),
        ])
        #expect(ended.status == 0, "\(ended.output)")
        let found = try await arrivals(work.file("demo/sds/catalog.sqlite"))
        let expected = try expectations("\(package)/staging/EXPECTED.tsv")
        #expect(expected.count > 100)
        #expect(found.subtracting(expected).sorted() == [], "not expected")
        #expect(expected.subtracting(found).sorted() == [], "not found")
    }

    private func arrivals(_ catalog: String) async throws -> Set<String> {
        let catalog = try Catalog.openForReading(at: catalog)
        let lines = try await catalog.read { session in
            try session.query("SELECT path, state, reason_code FROM arrival WHERE source = 'inbound'").map { row in
                "\(try row.path("path"))\t\(try row.text("state"))\t\(try row.optionalText("reason_code") ?? "-")"
            }
        }
        try await catalog.database.close()
        return Set(lines)
    }

    private func expectations(_ file: String) throws -> Set<String> {
        let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
        return Set(text.split(separator: "\n").dropFirst().map(String.init))
    }
}
