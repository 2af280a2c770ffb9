// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore
import NIOCore

@testable import GranaryServer

/// Reads one byte of the first request, refuses it, and hangs up on the rest.
final class HastyListener: Sendable {
    private let descriptor: Int32

    init(home: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try SocketAddress(unixDomainSocketPath: ControlSocket(home: home).path)
        let bound = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
        guard bound == 0, listen(descriptor, 1) == 0 else { throw IOError(errnoCode: errno, reason: "listen") }
        Thread.detachNewThread { [descriptor] in Self.serve(descriptor) }
    }

    /// Wakes the thread first, should it still wait: a descriptor that is closed under it may be another's by then.
    func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        _ = Foundation.close(descriptor)
    }

    private static func serve(_ listener: Int32) {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        var byte: UInt8 = 0
        _ = recv(client, &byte, 1, 0)
        let refusal = GranaryError(.limitReached, "Too large.", remedy: "Send less.").problem.bytes()
        let head =
            "HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-type: application/problem+json\r\n"
            + "content-length: \(refusal.count)\r\n\r\n"
        _ = send(client, Array(head.utf8) + refusal, head.utf8.count + refusal.count, 0)
        _ = Foundation.close(client)
    }
}
