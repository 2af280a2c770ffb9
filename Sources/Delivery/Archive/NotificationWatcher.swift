// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore
public import Logging
public import ServiceLifecycle

/// Takes partners' CNM-S from one queue into the ledger, unread. `NotificationTaker` carries them out from there.
public struct NotificationWatcher: Service {
    private let inbox: Inbox
    private let catalog: Catalog
    private let interval: Duration

    /// - Parameter name: the name of the `ArchiveRole`.
    public init(
        name: String, receiver: any MessageReceiver, catalog: Catalog, interval: Duration = .seconds(1),
        logger: Logger = Logger(label: "granary.delivery")
    ) {
        self.catalog = catalog
        self.interval = interval
        inbox = Inbox(
            catalog: catalog, receiver: receiver, source: "cnm/" + name, kind: .takeNotification, logger: logger)
    }

    public func run() async throws { try await atSteadyPace(every: interval, watchOnce) }

    /// Stores what is there and deletes it from the queue. Returns how many messages it took out.
    ///
    /// A message that is known already is answered again: with the same bytes after a SUCCESS; after a FAILURE it is
    /// taken anew, for the partner may have mended what was wrong. What comes again right after its answer is our own
    /// queue's redelivery, and needs none.
    @discardableResult
    public func watchOnce() async throws -> Int {
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        return try await inbox.receiveOnce { session, message in
            guard let answer = try session.answer(toMessage: message), let sentAt = answer.sentAt,
                now - sentAt >= Self.redeliveryWindow
            else { return }
            try session.answerAgain(answer, toMessage: message, at: steady)
        }
    }

    /// No partner sends again so soon, and a queue that could not delete a message shows it at every look.
    private static let redeliveryWindow = Duration.seconds(30)
}

extension SQLSession {
    fileprivate func answerAgain(_ answer: AnswerRecord, toMessage message: Int64, at steady: Timestamp) throws {
        guard answer.isSuccess else {
            let cause = Cause("announced again after a failure", by: deliveryActor)
            _ = try revive(.takeNotification, subject: message, at: steady, because: cause)
            return
        }
        try execute("UPDATE answer SET state = 'pending', sent_at = NULL WHERE id = ?", [answer.id])
        _ = try revive(
            .sendAnswer, subject: answer.id, at: steady, because: Cause("announced again", by: deliveryActor))
    }
}
