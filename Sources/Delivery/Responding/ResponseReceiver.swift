// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore
public import Logging
public import ServiceLifecycle

/// Takes partners' answers from one receiving side into the ledger, unread. `ResponseReconciler` reads them there.
public struct ResponseReceiver: Service {
    private let inbox: Inbox
    private let interval: Duration

    /// - Parameters:
    ///   - name: the destinations' `responseSource`.
    ///   - clock: by which holds on messages are prolonged while the ledger is slow.
    public init(
        name: String, receiver: any MessageReceiver, catalog: Catalog, interval: Duration = .seconds(1),
        clock: any Clock<Duration> = ContinuousClock(), logger: Logger = Logger(label: "granary.delivery")
    ) {
        inbox = Inbox(
            catalog: catalog, receiver: receiver, source: responseSourcePrefix + name, kind: .applyResponse,
            logger: logger, clock: clock)
        self.interval = interval
    }

    public func run() async throws { try await atSteadyPace(every: interval, receiveOnce) }

    /// Stores what is there and deletes it from the queue. Returns how many messages it took out.
    @discardableResult
    public func receiveOnce() async throws -> Int { try await inbox.receiveOnce() }
}

/// Before the receiving side's name in `message_in.source`.
let responseSourcePrefix = "cnm-r/"
