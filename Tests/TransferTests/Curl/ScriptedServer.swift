// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

@testable import GranaryTransfer

/// A server on loopback that answers exactly what a test says, down to the byte and the reset.
final class ScriptedServer: Sendable {
    typealias Script = @Sendable (ScriptedRequest, ScriptedConnection) -> Void

    let port: Int
    private let listener: Int32
    private let threads = TransferThreads(count: 40)
    private let tally = Tally()

    /// - Parameter script: called on a thread of its own for each request; the connection stays open unless it closes it.
    init(_ script: @escaping Script) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, bound) = (listener, length)
        withUnsafeMutableBytes(of: &address) { raw in
            guard let place = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
            bind(listener, place, bound)
            listen(listener, 512)
            getsockname(listener, place, &length)
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        let (threads, tally) = (threads, tally)
        threads.enqueue { Self.accept(on: listener, threads, tally, script) }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    var url: String { "http://127.0.0.1:\(port)" }
    var connections: Int { tally.connections.load(ordering: .acquiring) }
    var requests: Int { tally.requests.load(ordering: .acquiring) }
    /// The most requests that were being answered at one time.
    var mostAtOnce: Int { tally.most.withLock { $0.most } }

    private static func accept(
        on listener: Int32, _ threads: TransferThreads, _ tally: Tally, _ script: @escaping Script
    ) {
        while case let number = Glibc.accept(listener, nil, nil), number >= 0 {
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
            tally.connections.add(1, ordering: .acquiringAndReleasing)
            threads.enqueue {
                let connection = ScriptedConnection(number)
                while let request = connection.readRequest() {
                    tally.during { script(request, connection) }
                }
                connection.close()
            }
        }
        Glibc.close(listener)
    }
}

private final class Tally: Sendable {
    let connections = Atomic(0)
    let requests = Atomic(0)
    let most = Mutex((now: 0, most: 0))

    func during(_ body: () -> Void) {
        requests.add(1, ordering: .acquiringAndReleasing)
        most.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        body()
        most.withLock { $0.now -= 1 }
    }
}

struct ScriptedRequest: Sendable {
    var method = ""
    var target = ""
    var lines: [String] = []
    var body: [UInt8] = []

    func header(_ name: String) -> String? {
        lines.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}

/// One connection, used by one thread at a time.
final class ScriptedConnection: Sendable {
    private let number: Int32
    private let isOpen = Atomic(true)
    private let rest = Mutex<[UInt8]>([])

    init(_ number: Int32) { self.number = number }

    func write(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty, isOpen.load(ordering: .acquiring) {
            let count = rest.withUnsafeBytes { send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    /// A whole answer with its length.
    func answer(_ status: Int = 200, _ headers: [String] = [], _ body: some Collection<UInt8> = []) {
        write(answerHead(status, headers + ["Content-Length: \(body.count)"]) + Array(body))
    }

    func close() {
        if isOpen.exchange(false, ordering: .acquiringAndReleasing) { Glibc.close(number) }
    }

    /// Ends the connection with a RST; what was not read yet is lost to the other side.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    /// Says nothing until the other side has closed the connection.
    func waitForEnd() { while !receive().isEmpty {} }

    func readRequest() -> ScriptedRequest? {
        guard let head = read(through: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        var request = ScriptedRequest(method: words[0], target: words[1], lines: Array(lines.dropFirst()))
        request.body = read(count: request.header("Content-Length").flatMap { Int($0) } ?? 0)
        return request
    }

    private func read(through end: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = rest.withLock { $0 }
        while true {
            if let range = bytes.firstRange(of: end) {
                rest.withLock { $0 = Array(bytes[range.upperBound...]) }
                return Array(bytes[..<range.upperBound])
            }
            let more = receive()
            guard !more.isEmpty else { return nil }
            bytes += more
        }
    }

    private func read(count: Int) -> [UInt8] {
        var bytes: [UInt8] = rest.withLock { $0 }
        while bytes.count < count, case let more = receive(), !more.isEmpty { bytes += more }
        rest.withLock { $0 = Array(bytes.dropFirst(count)) }
        return Array(bytes.prefix(count))
    }

    private func receive() -> [UInt8] {
        guard isOpen.load(ordering: .acquiring) else { return [] }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(number, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }
}

func answerHead(_ status: Int, _ headers: [String]) -> [UInt8] {
    Array((["HTTP/1.1 \(status) Said"] + headers + ["", ""]).joined(separator: "\r\n").utf8)
}
