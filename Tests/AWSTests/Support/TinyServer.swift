// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization

@testable import FaultServer

/// An HTTP server on the loopback whose answers a test writes, and which remembers what it was asked.
final class TinyServer: Sendable {
    struct Asked: Sendable, Hashable {
        /// `PUT /latest/api/token`
        var line: String
        var headers: [String: String]
        var body: String
        /// The query's parameters, decoded.
        var parameters: [String: String] = [:]
    }

    typealias Answer = (status: Int, headers: [String: String], body: String)

    private let listener: Listener
    private let list: Lines<Asked>

    /// - Parameter answer: called on the connection's thread.
    init(answer: @escaping @Sendable (Asked) -> Answer) throws {
        let list = Lines<Asked>()
        self.list = list
        listener = try Listener { wire in
            while let request = Request.read(from: wire) {
                let asked = Asked(request)
                list.add([asked])
                let (status, headers, body) = answer(asked)
                let reply = Reply(status, headers.map { Header(name: $0.key, value: $0.value) }, body: Array(body.utf8))
                let head = reply.head(
                    length: body.utf8.count, keepsAlive: true, date: Moments.http(SystemClock().now()))
                guard wire.send(head + reply.body) else { break }
            }
            wire.finish()
        }
    }

    deinit { listener.stop() }

    var url: String { "http://127.0.0.1:\(listener.port)" }

    /// What it was asked since this was last called.
    func asked() -> [Asked] { list.take() }
}

extension TinyServer.Asked {
    init(_ request: Request) {
        line = "\(request.method) \(request.path)"
        headers = Dictionary(request.headers.map { ($0.name, $0.value) }) { first, _ in first }
        body = String(decoding: request.body, as: UTF8.self)
        parameters = request.parameters
    }
}
