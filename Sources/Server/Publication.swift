// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization

/// One service's hold on its socket's name, from the first listening until the end.
final class Publication: Sendable {
    private enum State: Sendable {
        case unborn
        case published(ControlSocket.Identity)
        case failed(any Error)
    }

    private let socket: ControlSocket
    private let state = Mutex(State.unborn)

    init(_ socket: ControlSocket) { self.socket = socket }

    /// Why the socket could not be published.
    var fault: (any Error)? {
        if case .failed(let error) = state.withLock({ $0 }) { error } else { nil }
    }

    /// False when it failed; `fault` then says why.
    func publish() -> Bool {
        state.withLock { state in
            do {
                state = .published(try socket.publish())
                return true
            } catch {
                state = .failed(error)
                return false
            }
        }
    }

    func withdraw() {
        if case .published(let identity) = state.withLock({ $0 }) {
            socket.withdraw(identity)
        } else {
            socket.withdraw(nil)
        }
    }
}
