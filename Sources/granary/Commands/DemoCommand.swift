// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCore
import Logging

/// `granary demo`: the main job end to end, on one machine: a provider, its archive, and everything between.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Run the whole story over a small staging area, through two sites.")

    @Option(name: .long, help: "The staging area to take in; it is only read.")
    var staging = "staging"

    @Option(name: .long, help: "The folder of process definitions.")
    var processes = "processes"

    @Option(name: .long, help: "The folder to make; it must not hold a demo yet.")
    var into = "demo"

    @Option(
        name: .long, help: "The URL of an S3 service: staging area and archives are buckets there. With --messages.")
    var s3: String?

    @Option(name: .long, help: "The URL of SQS, SNS and Kinesis, through which the two sites then speak. With --s3.")
    var messages: String?

    @Option(name: .long, help: "The account of the queues and topics.")
    var account = "000000000000"

    func run() async throws {
        LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: .error) }
        let sites = DemoSites(
            folder: HomeOption.absolute(into), staging: HomeOption.absolute(staging),
            processes: HomeOption.absolute(processes), cloud: try cloud())
        try requireNew(sites.folder)
        try sites.lay()
        if let cloud = sites.cloud { try await deliver(to: cloud, sites) }
        standardError("1. laid out two sites: \(sites.sds) (provider) and \(sites.daac) (archive)")
        let sds = try await Site(try SiteConfiguration(home: sites.sds))
        let daac = try await Site(try SiteConfiguration(home: sites.daac))
        standardError(
            "2. both run: files are found, settled, verified, archived, processed, announced, fetched, answered …")
        try await DemoRun(sds: sds, daac: daac).untilDone()
        standardError("3. nothing is left to do; this is what the ledgers say")
        try await DemoStory(sds: sds, daac: daac, staging: sds.configuration.watchers[0].source.shown).tell()
        try await sds.close()
        try await daac.close()
        standardOutput(farewell(sites))
    }

    private func cloud() throws -> DemoCloud? {
        guard let s3, let messages else {
            guard s3 == nil, messages == nil else { throw ValidationError("--s3 and --messages go together.") }
            return nil
        }
        return DemoCloud(s3: s3, messages: messages, account: account)
    }

    private func deliver(to cloud: DemoCloud, _ sites: DemoSites) async throws {
        try await cloud.prepare()
        let (put, left) = try await cloud.deliver(sites.staging)
        standardError(
            "0. put \(put) files into s3://\(DemoCloud.incoming); a bucket cannot hold the other \(left): links, pipes, names"
        )
    }

    private func requireNew(_ folder: String) throws {
        guard try namesOfFiles(in: folder).isEmpty else {
            throw GranaryError(
                .invalid, "\(folder) is not empty.", subject: folder,
                remedy: "Name another folder with --into, or remove it.")
        }
    }

    private func farewell(_ sites: DemoSites) -> String {
        """

        == Where to look next

          granary quarantine list --home \(sites.sds)        what was set aside, why, and what to do
          granary granule list --home \(sites.daac)          what the partner holds
          granary report accountability --home \(sites.sds) -o json
          granary check catalog --home \(sites.sds)          what must be true of the ledger
          \(sites.cloud == nil ? "\(sites.sds)/archive" : "s3://\(DemoCloud.vaults[0])/vault")                               the archived files
          \(sites.sds)/catalog.sqlite                        the ledger: open it with sqlite3, Datasette or DuckDB (v_granule, v_delivery …)
        """
    }
}
