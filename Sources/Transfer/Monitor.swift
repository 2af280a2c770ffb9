// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A state guarded by a lock on which threads can wait for a change: what `Mutex` lacks.
///
/// For transfer threads only; nothing that runs on the cooperative pool may wait here.
/// Unchecked, because the compiler can't see that `state` is touched between lock and unlock alone.
package final class Monitor<State>: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// Changes the state and wakes everyone who waits for a change.
    package func update<Value>(_ body: (inout State) -> Value) -> Value {
        pthread_mutex_lock(lock)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(lock)
        }
        return body(&state)
    }

    /// Waits until `body` has an answer. It is asked at once and after each change, and may change the state itself.
    package func wait<Value>(for body: (inout State) -> Value?) -> Value {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let value = body(&state) { return value }
            pthread_cond_wait(changed, lock)
        }
    }
}
