// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Glibc
import GranaryCatalog
import GranaryCore
import GranaryServer
public import Logging
import ServiceLifecycle
import UnixSignals

/// `granary serve`: runs a site until SIGTERM or SIGINT, and finishes or hands back what it holds.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the site: watch, take in, process, deliver and reconcile until stopped.")

    @OptionGroup var home: HomeOption

    @Flag(name: .long, help: "Stop by itself once nothing is left to do.")
    var untilIdle = false

    @Option(name: .long, help: "trace, debug, info, notice, warning or error.")
    var logLevel: Logger.Level = .notice

    func run() async throws {
        LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: logLevel) }
        let site = try await Site(try home.configuration())
        do {
            try await run(site)
            try await site.close()
        } catch {
            try? await site.close()
            throw error
        }
    }

    private func run(_ site: Site) async throws {
        let logger = Logger(label: "granary.serve")
        let services = try site.services() + [site.controlServer()] + (untilIdle ? [IdleStop(site: site)] : [])
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        logger.notice("Serving", metadata: ["site": "\(site.configuration.site)", "home": "\(home.path)"])
        try await group.run()
        logger.notice("Stopped", metadata: ["site": "\(site.configuration.site)"])
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

extension Site {
    /// The face of the running service: health, status, and the acts of operators.
    func controlServer() -> ControlServer {
        let catalog = catalog
        let (archive, folder) = (archive, configuration.archive.folder)
        return ControlServer(
            home: configuration.home, performer: OperatorDesk(site: self),
            checks: [
                ReadinessCheck("catalog") {
                    _ = try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM node") }
                },
                ReadinessCheck("archive") {
                    if let folder { return try requireWritable(folder) }
                    _ = try await archive.entry(at: readinessProbe)
                },
            ],
            status: { try await catalog.read { try $0.statusSummary() }.json },
            logger: Logger(label: "granary.server"))
    }
}

/// A path that no archive has: asking for it shows that the archive answers.
private let readinessProbe: BytePath = ".granary/ready"

/// Throws unless files can be made in a folder.
private func requireWritable(_ folder: String) throws {
    guard access(folder, W_OK | X_OK) != 0 else { return }
    throw GranaryError(
        .denied, "\(folder) cannot be written to.", subject: folder,
        remedy: "Check that it is mounted, and this user's rights.")
}
