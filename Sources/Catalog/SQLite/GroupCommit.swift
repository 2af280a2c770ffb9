// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GranaryCore
internal import Synchronization

/// Runs the bodies of concurrent writes one after another, group by group, each group under one commit; none returns
/// before it.
///
/// A commit costs a flush of the disk whether it holds one row or a thousand: this is what makes small files fast and
/// durable at once. The first body of a group is undone by undoing the transaction, and those after it by a savepoint, for
/// which SQLite copies every page that such a body touches. For a body of a thousand rows the copies cost more than a
/// flush; so a large one ends its group, for they come in runs.
final class GroupCommit: Sendable {
    /// One caller's body: `perform` runs it and says whether it succeeded, `answer` tells the caller once the fate of the
    /// commit is known.
    private struct Write {
        let perform: @Sendable (GRDB.Database, _ scope: Scope) -> Bool
        let answer: @Sendable (_ commitError: (any Error)?) -> Void
    }

    private struct Queue {
        var waiting: [Write] = []
        var isDraining = false
    }

    private let pool: DatabasePool
    private let queue = Mutex(Queue())

    init(_ pool: DatabasePool) { self.pool = pool }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = Outcome<Value>()
            enqueue(
                Write(
                    perform: { database, scope in
                        outcome.keep(Result { try inWords { try database.perform(body, in: scope) } })
                    },
                    answer: { commitError in continuation.resume(with: outcome.final(commitError)) }))
        }
    }

    private func enqueue(_ write: Write) {
        let mustStart = queue.withLock { queue in
            queue.waiting.append(write)
            defer { queue.isDraining = true }
            return !queue.isDraining
        }
        if mustStart { pool.asyncWriteWithoutTransaction { self.drain($0) } }
    }

    /// Commits what is waiting, then stands at the end of the connection's line again, so that housekeeping gets its
    /// turn.
    private func drain(_ database: GRDB.Database) {
        guard let batch = nextBatch() else { return }
        var waiting = batch[...]
        while !waiting.isEmpty { commitGroup(of: &waiting, in: database) }
        pool.asyncWriteWithoutTransaction { self.drain($0) }
    }

    private func nextBatch() -> [Write]? {
        queue.withLock { queue in
            guard !queue.waiting.isEmpty else {
                queue.isDraining = false
                return nil
            }
            defer { queue.waiting.removeAll(keepingCapacity: true) }
            return queue.waiting
        }
    }

    /// Takes one group of writes from the front, at least one, and answers them.
    private func commitGroup(of waiting: inout ArraySlice<Write>, in database: GRDB.Database) {
        do {
            try inWords { try database.beginTransaction(.immediate) }
        } catch {
            // Whoever holds the database would be waited for again and again, for each of them.
            for write in waiting { write.answer(error) }
            return waiting = []
        }
        var group: [Write] = []
        let failure = Result { try inWords { try runGroup(&group, of: &waiting, in: database) } }.failure
        for write in group { write.answer(failure) }
    }

    /// Leaves nothing of the transaction open.
    private func runGroup(
        _ group: inout [Write], of waiting: inout ArraySlice<Write>, in database: GRDB.Database
    ) throws {
        do {
            var changes = 0
            while changes < rowsOfLargeBody, let write = waiting.popFirst() {
                let scope: Scope = group.isEmpty ? .transaction : .savepoint
                group.append(write)
                let before = database.totalChangesCount
                let isDone = write.perform(database, scope)
                if scope == .transaction, !isDone { return try database.undo() }
                try database.proveTransaction()
                changes = database.totalChangesCount - before
            }
            crashPoint(.catalogBeforeCommit)
            try database.commit()
            crashPoint(.catalogAfterCommit)
        } catch {
            try? database.undo()
            throw error
        }
    }
}

/// What a body returned or threw, until the commit decides whether it counts.
private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    /// Returns whether it is a success.
    func keep(_ result: Result<Value, any Error>) -> Bool {
        self.result.withLock { $0 = result }
        return result.failure == nil
    }

    /// A body's own error comes first; a body that never ran fails with the commit's error.
    func final(_ commitError: (any Error)?) -> Result<Value, any Error> {
        switch (result.withLock { $0 }, commitError) {
        case (.failure(let error), _): .failure(error)
        case (_, let error?): .failure(error)
        case (let result?, nil): result
        case (nil, nil): preconditionFailure("a batch was committed without running one of its bodies")
        }
    }
}

/// What undoes a body that throws.
private enum Scope {
    case transaction, savepoint
}

/// In changed rows.
private let rowsOfLargeBody = 64

private let groupUndone = GranaryError(
    .catalogFailed, "SQLite undid a group of writes, because one of them met a full disk or a failing one.",
    remedy: "Make room on the catalog's disk, or see to the disk; nothing that was acknowledged is lost.",
    disposition: .retry(after: nil))

extension GRDB.Database {
    /// A full disk makes SQLite roll back everything by itself; what would follow would commit row by row.
    fileprivate func proveTransaction() throws {
        guard isInsideTransaction else { throw groupUndone }
    }

    fileprivate func undo() throws {
        if isInsideTransaction { try rollback() }
    }

    fileprivate func perform<Value>(_ body: (any SQLSession) throws -> Value, in scope: Scope) throws -> Value {
        switch scope {
        case .transaction: try body(SQLiteSession(self))
        case .savepoint: try inOwnSavepoint(body)
        }
    }

    private func inOwnSavepoint<Value>(_ body: (any SQLSession) throws -> Value) throws -> Value {
        var value: Value?
        try inSavepoint {
            value = try body(SQLiteSession(self))
            return .commit
        }
        guard let value else { preconditionFailure("a savepoint was released without running its body") }
        return value
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
