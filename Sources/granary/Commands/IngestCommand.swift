// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore

/// `granary ingest`: takes in files by hand, once; with `--dry-run` says what would become of each.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Take in files or folders of a staging area, once; they are finished by your word.",
        discussion:
            "The files must lie below the place of one of the site's watchers, whose rules apply to them. Those of a bucket or server are named by URI, as in s3://bucket/prefix/file."
    )

    @Argument(help: "Files or folders, or their URIs.")
    var paths: [String]

    @OptionGroup var home: HomeOption
    @OptionGroup var act: ActOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let home = home
        let ingest = OperatorAct(
            .ingest, subjects: paths.map { $0.contains("://") ? $0 : HomeOption.absolute($0) }, actor: act.actorName,
            reason: act.reason,
            dryRun: act.dryRun)
        let outcome = try await Progress(home: home).whileRunning { try await home.perform(ingest) }
        try outcome.show(output, dryRun: false)
    }
}
