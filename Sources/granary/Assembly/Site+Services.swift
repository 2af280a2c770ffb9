// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryDelivery
import GranaryIngest
import GranaryProcessing
import GranaryServer
import GranaryTransfer
import Logging
import ServiceLifecycle

extension Site {
    /// Everything long-lived, in the order of dependence: shutdown runs it backwards, so that intake stops first and what
    /// was taken in is still carried on.
    func services() throws -> [any Service] {
        try [CatalogMaintenance(catalog, node: nodeID)] + deliveries() + notifications() + [jobs()] + watchers
    }

    private func jobs() -> JobWorker {
        JobWorker(
            JobWorker.Surroundings(
                catalog: catalog, processes: processes, runner: CommandRunner(), intake: ingester,
                inputs: stores.inputs(from: archive),
                store: { try LocalStore(root: $0) }),
            configuration: JobWorker.Configuration(
                root: configuration.work, provider: configuration.provider, workers: configuration.workers),
            logger: Logger(label: "granary.processing"))
    }

    /// The provider's side: sending, receiving answers, matching them, noticing silence.
    private func deliveries() throws -> [any Service] {
        let settings = configuration.destinations
        guard !settings.isEmpty else { return [] }
        let routes = try settings.map { DestinationRoute($0.destination, publisher: try queues.publisher($0.outbox)) }
        let destinations = settings.map(\.destination)
        let pace = settings.map(\.interval).min() ?? .seconds(1)
        let receivers = try settings.compactMap { settings in
            try settings.inbox.map { inbox in
                ResponseReceiver(
                    name: settings.destination.name,
                    receiver: try queues.receiver(inbox, for: "cnm-r/\(settings.destination.name)"), catalog: catalog,
                    interval: settings.interval)
            }
        }
        return [
            SubmissionSender(catalog: catalog, routes: routes, interval: pace),
            OverdueSweep(catalog: catalog, destinations: destinations),
            ResponseReconciler(catalog: catalog, destinations: destinations, interval: pace),
        ] + receivers
    }

    /// The archive role: taking notifications, fetching what they announce, answering.
    private func notifications() throws -> [any Service] {
        let settings = configuration.notifications
        guard !settings.isEmpty else { return [] }
        let roles = try settings.map(archiveRole)
        let pace = settings.map(\.interval).min() ?? .seconds(1)
        let answers = try Dictionary(
            uniqueKeysWithValues: settings.map { ($0.name, try queues.publisher($0.outbox)) })
        let watchers = try settings.map {
            NotificationWatcher(
                name: $0.name, receiver: try queues.receiver($0.inbox, for: "cnm/\($0.name)"), catalog: catalog,
                interval: $0.interval)
        }
        return [
            AnswerSender(catalog: catalog, publishers: answers, interval: pace),
            NotificationTaker(catalog: catalog, roles: roles, intake: ingester, schemas: schemas, interval: pace),
        ] + watchers
    }

    private func archiveRole(_ settings: NotificationSettings) throws -> ArchiveRole {
        let places = try settings.allow.map { (base: $0.uri, store: try stores.source($0)) }
        var role = ArchiveRole(
            name: settings.name, uriBase: configuration.archive.uri,
            sources: try AllowedSources(places))
        role.collections = settings.collections
        role.collectionVersion = settings.collectionVersion
        role.provider = settings.provider
        return role
    }
}
