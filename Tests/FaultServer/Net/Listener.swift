// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A listening socket on the loopback with a thread that accepts, and a thread for each connection.
final class Listener: Sendable {
    private struct State {
        var descriptor: Int32 = -1
        var open: Set<Int32> = []
        var threads = 0
        var accepted = 0
        var toRefuse = 0
        var listening = false
    }

    private let state = Mutex(State())
    private let serve: @Sendable (Wire) -> Void
    let port: UInt16

    /// Listens on a free port; `serve` is called on the thread of each connection and may block.
    init(serve: @escaping @Sendable (Wire) -> Void) throws {
        self.serve = serve
        let descriptor = try Self.listen(on: 0)
        port = Self.port(of: descriptor)
        state.withLock { $0.descriptor = descriptor }
        startAccepting(on: descriptor)
    }

    /// Connections that were accepted so far, the refused ones among them.
    var accepted: Int { state.withLock { $0.accepted } }

    /// The next connections are reset as soon as they are there.
    func refuse(_ count: Int) { state.withLock { $0.toRefuse = count } }

    /// Stops listening: whoever connects is refused by the kernel. Connections that are there stay.
    func close() {
        let descriptor = state.withLock { state in
            defer { state.descriptor = -1 }
            return state.descriptor
        }
        guard descriptor >= 0 else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Listens again, on the same port, once the thread that listened before has let go of it.
    func reopen() throws {
        while state.withLock({ $0.listening }) { usleep(200) }
        let descriptor = try Self.listen(on: port)
        state.withLock { $0.descriptor = descriptor }
        startAccepting(on: descriptor)
    }

    /// Ends every connection that is there, and keeps listening.
    func hangUp() {
        state.withLock { for descriptor in $0.open { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    /// Closes everything and waits for the threads.
    func stop() {
        close()
        while state.withLock({ $0.threads }) > 0 {
            hangUp()
            usleep(500)
        }
    }

    private func startAccepting(on descriptor: Int32) {
        state.withLock {
            $0.threads += 1
            $0.listening = true
        }
        startThread { [self] in
            while let connection = Self.accept(descriptor) { took(connection) }
            Glibc.close(descriptor)
            state.withLock {
                $0.threads -= 1
                $0.listening = false
            }
        }
    }

    private func took(_ connection: Int32) {
        let refused = state.withLock { state in
            state.accepted += 1
            if state.toRefuse > 0 {
                state.toRefuse -= 1
                return true
            }
            state.open.insert(connection)
            state.threads += 1
            return false
        }
        guard !refused else {
            Wire(connection).resetOnClose()
            Glibc.close(connection)
            return
        }
        startThread { [self] in
            serve(Wire(connection))
            state.withLock {
                $0.open.remove(connection)
                Glibc.close(connection)
            }
            state.withLock { $0.threads -= 1 }
        }
    }
}

extension Listener {
    private static func listen(on port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ServerFailure(step: "socket", number: errno) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withSockAddress(&address) { bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, 1024) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw ServerFailure(step: "bind", number: number)
        }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withSockAddress(&address) { pointer, _ in _ = getsockname(descriptor, pointer, &length) }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func accept(_ descriptor: Int32) -> Int32? {
        while true {
            let connection = Glibc.accept(descriptor, nil, nil)
            if connection >= 0 {
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                return connection
            }
            guard errno == EINTR || errno == ECONNABORTED || errno == EMFILE else { return nil }
            if errno == EMFILE { usleep(1000) }
        }
    }
}

/// The server could not be started.
struct ServerFailure: Error {
    var step: String
    var number: Int32
}

private func withSockAddress<Result>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a detached thread.
private func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let boxed = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    let status = pthread_create(
        &thread, nil,
        { pointer in
            guard let pointer else { return nil }
            Unmanaged<ThreadBody>.fromOpaque(pointer).takeRetainedValue().run()
            return nil
        }, boxed)
    precondition(status == 0, "no thread could be started")
    pthread_detach(thread)
}
