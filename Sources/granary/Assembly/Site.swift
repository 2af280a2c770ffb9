// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryDelivery
import GranaryIngest
import GranaryProcessing
import GranaryTransfer
import Logging

/// A site put together: the one place where seams meet what fills them.
///
/// Whoever holds a `Site` owns its catalog: the lock in its home is held until `close`.
struct Site: Sendable {
    let configuration: SiteConfiguration
    let catalog: Catalog
    let archive: any ArchiveStore
    let ingester: Ingester
    let watchers: [StagingWatcher]
    let processes: ProcessRegister
    let schemas: MessageSchemas
    let stores: Stores
    let queues: Queues
    private let lock: CatalogLock
    private let node: NodeStart

    /// Opens the catalog, builds everything that runs, and puts right what a process that died left behind.
    ///
    /// What can fail for reasons outside the ledger is built before the ledger learns of this life.
    init(_ configuration: SiteConfiguration) async throws {
        self.configuration = configuration
        try makeFolders(of: configuration)
        lock = try CatalogLock(home: configuration.home)
        catalog = try Catalog.open(at: configuration.catalogPath)
        if try await !catalog.wasStoppedCleanly() { try await prove(catalog, configuration.catalogPath) }
        let servers = Servers(configuration)
        stores = Stores(servers: servers)
        queues = Queues(servers: servers, catalog: catalog)
        archive = try await stores.archive()
        processes = try ProcessRegister(configuration.processes)
        schemas = try messageSchemas()
        ingester = Ingester(
            catalog: catalog, archive: archive, names: NameRecognizer(configuration.collections),
            reactions: [
                try RuleReaction(rules: configuration.rules, processes: processes, steady: catalog.steady),
                DeliveryReaction(
                    destinations: configuration.destinations.map(\.destination), schemas: schemas,
                    steady: catalog.steady),
            ])
        let (ingester, stores) = (ingester, stores)
        watchers = try configuration.watchers.map { settings in
            StagingWatcher(
                settings.configuration, source: try stores.source(settings.source), ingester: ingester,
                wakeUps: try stores.wakeUps(settings))
        }
        node = try await catalog.start(node: configuration.site)
        try await recover()
    }

    private func recover() async throws {
        try await archive.sweep()
        try await queues.sweep()
        try await IntakeRecovery.run(catalog)
        for watcher in watchers { try await watcher.recover() }
    }

    /// Marks the end of this life and lets the next owner in.
    func close() async throws {
        try await catalog.stop(node: node.id)
        try await catalog.database.close()
        lock.release()
    }

    var nodeID: Int64 { node.id }
}

/// After an unclean stop the file itself is checked before anything is written on top of damage.
private func prove(_ catalog: Catalog, _ path: String) async throws {
    let damage = try await CatalogCheck(rules: CatalogRule.storage).findings(in: catalog, limit: 1)
    guard let first = damage.first else { return }
    throw GranaryError(
        .catalogRefused, "The last service did not stop cleanly, and the catalog is damaged: \(first.sentence)",
        subject: path, remedy: first.remedy)
}

/// The folders a site writes to are made on first use; staging areas must be there.
private func makeFolders(of configuration: SiteConfiguration) throws {
    let own = [configuration.archive.folder, configuration.work] + configuration.boxes.map(\.place.folder)
    for folder in own.compactMap(\.self) { try makeFolder(folder) }
}
