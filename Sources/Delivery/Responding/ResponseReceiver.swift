// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore
public import Logging
public import ServiceLifecycle

/// Takes partners' answers from one receiving side into the ledger, unread. `ResponseReconciler` reads them there.
public struct ResponseReceiver: Service {
    private let inbox: Inbox
    private let interval: Duration

    /// - Parameter name: the destinations' `responseSource`.
    public init(
        name: String, receiver: any MessageReceiver, catalog: Catalog, interval: Duration = .seconds(1),
        logger: Logger = Logger(label: "granary.delivery")
    ) {
        inbox = Inbox(
            catalog: catalog, receiver: receiver, source: responseSourcePrefix + name, kind: .applyResponse,
            logger: logger)
        self.interval = interval
    }

    public func run() async throws { try await atSteadyPace(every: interval, receiveOnce) }

    /// Stores one batch and deletes it from the queue. Returns how many messages there were.
    @discardableResult
    public func receiveOnce() async throws -> Int { try await inbox.receiveOnce() }
}

/// Before the receiving side's name in `message_in.source`.
let responseSourcePrefix = "cnm-r/"
