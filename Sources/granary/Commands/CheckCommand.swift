// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore
import GranaryDelivery
import GranaryIngest
import GranaryMetrics
import GranaryProcessing

/// `granary check`: the configuration by default, the ledger with `catalog`. Finding something is exit code 6.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration, or what the ledger says about itself.",
        subcommands: [CheckConfiguration.self, CheckCatalog.self], defaultSubcommand: CheckConfiguration.self)
}

struct CheckConfiguration: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configuration",
        abstract: "Load granary.yaml, try every naming pattern on its examples, say what would run.")

    @OptionGroup var home: HomeOption

    func run() throws {
        let site = try home.configuration()
        var lines = ["site \(site.site): the configuration is valid."]
        lines += site.collections.map {
            "  collection \($0.id): \($0.files.count) kinds of file, \($0.examples.count) examples tried"
        }
        lines.append("  archive: \(site.archive.uri)")
        lines += site.watchers.map { watcher in
            "  watcher \(watcher.configuration.name): looks at \(watcher.source.shown)"
                + (watcher.notices.map { ", woken by \($0.text)" } ?? "")
        }
        lines += site.rules.map { "  rule \($0.name): \($0.filter?.text ?? "every granule") starts \($0.process)" }
        lines += site.destinations.map {
            "  destination \($0.destination.name): CNM \($0.destination.profile.version) to \($0.outbox.text)\($0.inbox.map { ", answers from \($0.text)" } ?? "")"
        }
        lines += site.notifications.map { settings in
            "  notifications \(settings.name): from \(settings.inbox.text), answered to \(settings.outbox.text)"
        }
        lines += site.contacts
        standardOutput(lines.joined(separator: "\n"))
    }
}

struct CheckCatalog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog", abstract: "Check what must be true of the ledger; lists what is not.")

    @OptionGroup var home: HomeOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let catalog = try Catalog.openForReading(at: home.path + "/catalog.sqlite")
        let findings = try await CatalogCheck().findings(in: catalog)
        try await catalog.database.close()
        guard !findings.isEmpty else {
            return standardError("The ledger holds what it must: \(CatalogRule.all.count) rules, no finding.")
        }
        var table = Table([.text("rule"), .text("subject"), .text("finding"), .text("remedy")], rows: [])
        for finding in findings {
            table.append([.text(finding.rule), .text(finding.subject), .text(finding.sentence), .text(finding.remedy)])
        }
        try output.show(table)
        throw ExitCode.differences
    }
}
