// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization

/// One thing that a request changed.
public struct Effect: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case created, replaced, removed
        /// A message or record was accepted.
        case accepted
        /// A message was accepted, recognised as a repeat, and not delivered again.
        case repeated
    }

    public var operation: Operation
    public var kind: Kind
    /// `bucket/key`, the name of a queue, topic or stream.
    public var subject: String
    /// What the request itself is known by: upload, deduplication id, receipt, partition key.
    public var identity: String
    /// SHA-256 of the object's or message's bytes, in hexadecimal; empty where there are none.
    public var digest: String
    /// The bytes of a message or record; empty for objects.
    public var body: [UInt8] = []
}

/// Every effect that the server accepted, in order.
public final class Journal: Sendable {
    private let written = Mutex<[Effect]>([])

    public var effects: [Effect] { written.withLock { $0 } }

    /// The effects of one kind on one subject, in order.
    public func effects(_ kind: Effect.Kind, on subject: String) -> [Effect] {
        effects.filter { $0.kind == kind && $0.subject == subject }
    }

    public func effects(of operation: Operation) -> [Effect] { effects.filter { $0.operation == operation } }

    func note(_ effects: [Effect]) {
        guard !effects.isEmpty else { return }
        written.withLock { $0 += effects }
    }
}

extension Effect {
    init(_ operation: Operation, _ kind: Kind, _ subject: String, identity: String = "", body: [UInt8]? = nil) {
        self.init(
            operation: operation, kind: kind, subject: subject, identity: identity,
            digest: body.map { Checksum(.sha256, of: $0).hex } ?? "")
    }

    init(_ operation: Operation, _ kind: Kind, _ subject: String, identity: String, message: String) {
        self.init(operation, kind, subject, identity: identity, body: Array(message.utf8))
        body = Array(message.utf8)
    }
}
