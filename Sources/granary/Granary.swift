// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCore

/// The program: one noun or verb after the other, each a small file under `Commands`.
@main
struct Granary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "granary",
        abstract:
            "Takes in science data, proves it whole, archives it, processes it, announces it, and accounts for it.",
        version: "0.1.0",
        subcommands: [
            InitCommand.self, DemoCommand.self, ServeCommand.self, CheckCommand.self, IngestCommand.self,
            StatusCommand.self,
            ReportCommand.self, GranuleCommand.self, QuarantineCommand.self, JobCommand.self, DeliveryCommand.self,
        ])

    /// Parses, runs, and turns whatever went wrong into a message for people and a code for scripts.
    static func main() async {
        do {
            try keepMemoryPrivate()
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as GranaryError {
            standardError(error.description)
            exit(withError: ExitCode(error))
        } catch is CancellationError {
            exit(withError: ExitCode(130))
        } catch {
            exit(withError: error)
        }
    }
}
