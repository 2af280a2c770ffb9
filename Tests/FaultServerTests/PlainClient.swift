// SPDX-License-Identifier: Apache-2.0

import FaultServer
import Glibc

/// The simplest client: sends bytes, and reads until the connection ends.
struct PlainClient {
    /// What came, and whether the connection was reset at the end.
    var bytes: [UInt8] = []
    var wasReset = false
    var wasRefused = false

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var status: Int? { text.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
    var body: String { text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? "" }

    init(_ server: FaultServer, _ request: String) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(server.port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            wasRefused = errno == ECONNREFUSED
            return
        }
        let sent = Array(request.utf8)
        _ = send(descriptor, sent, sent.count, Int32(MSG_NOSIGNAL))
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else {
                wasReset = count < 0 && errno == ECONNRESET
                return
            }
            bytes += chunk[..<count]
        }
    }

    static func get(_ path: String, _ headers: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\(headers)\r\n"
    }
}

extension StringProtocol {
    fileprivate func range(of mark: String) -> Range<Index>? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(mark) {
                return place..<(index(place, offsetBy: mark.count, limitedBy: endIndex) ?? endIndex)
            }
            place = index(after: place)
        }
        return nil
    }
}
