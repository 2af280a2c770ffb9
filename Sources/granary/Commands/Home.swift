// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import GranaryCatalog
import GranaryCore
import GranaryServer
import SystemPackage

/// Where the site is: every command's first option.
struct HomeOption: ParsableArguments {
    @Option(name: .long, help: "The folder that holds granary.yaml (default: $GRANARY_HOME, else the current folder).")
    var home: String?

    /// The absolute path of the home: flag, then environment, then where we stand.
    var path: String { Self.absolute(home ?? environment("GRANARY_HOME") ?? ".") }

    static func absolute(_ folder: String) -> String {
        FilePath(currentFolder()).pushing(FilePath(folder)).lexicallyNormalized().string
    }

    func configuration() throws -> SiteConfiguration { try SiteConfiguration(home: path) }

    /// Opens the catalog for reading, beside a running service too.
    func reading<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws -> Value {
        guard access(path + "/catalog.sqlite", F_OK) == 0 || errno != ENOENT else {
            throw GranaryError(
                .notFound, "There is no catalog in \(path): it is no home, or nothing ever ran in it.", subject: path,
                remedy: "Name the home with --home or GRANARY_HOME; `granary init` makes one.")
        }
        let catalog = try Catalog.openForReading(at: path + "/catalog.sqlite")
        let value = try await catalog.read(body)
        try await catalog.database.close()
        return value
    }
}

/// What an operator gives with every act.
struct ActOptions: ParsableArguments {
    @Option(name: .long, help: "Why, for the audit log.")
    var reason: String = "no reason given"

    @Option(name: .long, help: "Who acts (default: $USER).")
    var actor: String?

    @Flag(name: [.customShort("n"), .long], help: "Say what would happen and change nothing.")
    var dryRun = false

    var actorName: String { actor ?? environment("USER") ?? "operator" }
}

extension HomeOption {
    /// Performs an act through the running service, or by opening the site when none runs.
    func perform(_ act: OperatorAct) async throws -> ActOutcome {
        let client = ControlClient(home: path)
        if try await client.isRunning() { return try await client.perform(act) }
        let site = try await Site(try configuration())
        do {
            let outcome = try await OperatorDesk(site: site).perform(act)
            try await site.close()
            return outcome
        } catch {
            try? await site.close()
            throw error
        }
    }
}
