// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// Stands between a client and a server, and cuts every connection once so many bytes came from the server.
final class CuttingProxy: Sendable {
    struct Cut: Sendable {
        /// Bytes from the server, over all connections, before the cut.
        var remaining: Int
        /// By RST instead of FIN.
        var isHard: Bool
    }

    struct Failure: Error { let call: String; let number = errno }

    /// Where it listens, in the order of the targets.
    let ports: [UInt16]
    private let listeners: [Int32]
    private let targets: [UInt16]
    private let state = Mutex((cut: Cut?.none, isStopped: false))

    /// - Parameters:
    ///   - host: an address of the loopback; targets are on 127.0.0.1.
    ///   - routes: pairs of the port to listen at, 0 for any, and the server's port.
    init(host: String, routes: [(UInt16, UInt16)]) throws {
        listeners = try routes.map { try listening(host, $0.0) }
        ports = try listeners.map(boundPort)
        targets = routes.map(\.1)
        Thread.detachNewThread { [self] in accept() }
    }

    deinit { listeners.forEach { close($0) } }

    func stop() { state.withLock { $0.isStopped = true } }

    /// Plans one cut; the next connections after it are whole again.
    func cut(after bytes: Int, isHard: Bool) { state.withLock { $0.cut = Cut(remaining: bytes, isHard: isHard) } }

    /// True when a planned cut has not happened.
    var isWaiting: Bool { state.withLock { $0.cut != nil } }

    func heal() { state.withLock { $0.cut = nil } }

    private func accept() {
        var watched = listeners.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while !state.withLock({ $0.isStopped }) {
            guard poll(&watched, nfds_t(watched.count), 50) > 0 else { continue }
            for (index, entry) in watched.enumerated() where entry.revents != 0 {
                let client = Glibc.accept(entry.fd, nil, nil)
                guard client >= 0 else { continue }
                let target = targets[index]
                Thread.detachNewThread { [self] in relay(client, connected(target)) }
            }
        }
    }

    private func relay(_ client: Int32, _ server: Int32) {
        var pairs = [
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        ]
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        var isCut: Cut?
        while isCut == nil, pairs.contains(where: { $0.fd >= 0 }), !state.withLock({ $0.isStopped }) {
            guard poll(&pairs, 2, 50) > 0 else { continue }
            for index in 0..<2 where pairs[index].fd >= 0 && pairs[index].revents != 0 {
                let other = index == 0 ? client : server
                let count = recv(pairs[index].fd, &buffer, buffer.count, 0)
                guard count > 0 else {
                    shutdown(other, Int32(SHUT_WR))
                    pairs[index].fd = -1
                    continue
                }
                let allowed = index == 0 ? allow(count, &isCut) : count
                sendAll(other, buffer[..<allowed])
            }
        }
        end(client, isCut)
        end(server, isCut)
    }

    private func allow(_ count: Int, _ isCut: inout Cut?) -> Int {
        state.withLock { state in
            guard var cut = state.cut else { return count }
            guard cut.remaining < count else {
                cut.remaining -= count
                state.cut = cut
                return count
            }
            isCut = cut
            state.cut = nil
            return cut.remaining
        }
    }
}

private func end(_ socket: Int32, _ cut: CuttingProxy.Cut?) {
    if cut?.isHard == true {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
    close(socket)
}

private func sendAll(_ socket: Int32, _ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

private func address(_ host: String, _ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return address
}

private func with<Result>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

private func streamSocket() -> Int32 { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }

private func listening(_ host: String, _ port: UInt16) throws -> Int32 {
    let socket = streamSocket()
    var one: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var place = address(host, port)
    guard with(&place, { bind(socket, $0, $1) }) == 0 else { throw CuttingProxy.Failure(call: "bind \(port)") }
    guard listen(socket, 64) == 0 else { throw CuttingProxy.Failure(call: "listen") }
    return socket
}

private func boundPort(_ socket: Int32) throws -> UInt16 {
    var place = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    guard with(&place, { pointer, _ in getsockname(socket, pointer, &length) }) == 0 else {
        throw CuttingProxy.Failure(call: "getsockname")
    }
    return UInt16(bigEndian: place.sin_port)
}

private func connected(_ port: UInt16) -> Int32 {
    let socket = streamSocket()
    var place = address("127.0.0.1", port)
    _ = with(&place) { connect(socket, $0, $1) }
    return socket
}
