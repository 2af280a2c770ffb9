// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A connected socket with a buffer for reading; used by one thread at a time.
final class Wire {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private var resets = false
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The bytes up to and without an empty line, which is taken too; nil when the peer ends before, or sends too much.
    func head(limit: Int = 1 << 20) -> [UInt8]? { upTo([13, 10, 13, 10], limit: limit) }

    /// One line without its CR LF.
    func line(limit: Int = 1 << 16) -> [UInt8]? { upTo([13, 10], limit: limit) }

    /// Exactly so many bytes, or nil when the peer ends before.
    func exactly(_ count: Int) -> [UInt8]? {
        while buffer.count - start < count {
            guard fill() else { return nil }
        }
        defer { start += count }
        return Array(buffer[start..<start + count])
    }

    private func upTo(_ mark: [UInt8], limit: Int) -> [UInt8]? {
        while true {
            if let place = find(mark) {
                defer { start = place + mark.count }
                return Array(buffer[start..<place])
            }
            guard buffer.count - start < limit, fill() else { return nil }
        }
    }

    private func find(_ mark: [UInt8]) -> Int? {
        buffer.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            var place = start
            while place + mark.count <= bytes.count {
                guard let found = memchr(base + place, Int32(mark[0]), bytes.count - place) else { return nil }
                place = UnsafeRawPointer(found) - base
                guard place + mark.count <= bytes.count else { return nil }
                if memcmp(base + place, mark, mark.count) == 0 { return place }
                place += 1
            }
            return nil
        }
    }

    private func fill() -> Bool {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                buffer += chunk[..<count]
                return true
            }
            guard count < 0, errno == EINTR else { return false }
        }
    }

    /// Sends everything; false when the peer has gone.
    @discardableResult
    func send(_ bytes: some Collection<UInt8>) -> Bool {
        let whole = Array(bytes)
        return whole.withUnsafeBytes { all in
            var sent = 0
            while sent < all.count {
                let count = Glibc.send(descriptor, all.baseAddress! + sent, all.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    /// Makes the coming close a reset: the peer loses what it has not read yet.
    func resetOnClose() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        resets = true
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    }

    /// Ends our direction, so that the peer sees the end of the answer after the last byte.
    func finish() { if !resets { shutdown(descriptor, Int32(SHUT_WR)) } }
}
