// SPDX-License-Identifier: Apache-2.0

/// Lets looks at one source happen one after another: a watcher's own and those that an operator asks for.
public actor Turns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    public init() {}

    /// Runs the body when its turn comes. Turns are given in the order in which they were asked for.
    nonisolated func take<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        await begin()
        do {
            let value = try await body()
            await end()
            return value
        } catch {
            await end()
            throw error
        }
    }

    private func begin() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        guard !waiting.isEmpty else {
            isTaken = false
            return
        }
        waiting.removeFirst().resume()
    }
}
