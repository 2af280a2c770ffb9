// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request over a control socket and its answer, on a connection of its own.
struct HTTPExchange: Sendable {
    struct Request: Sendable {
        let method: String
        let path: String
        let body: [UInt8]

        init(_ method: String, _ path: String, body: [UInt8] = []) {
            self.method = method
            self.path = path
            self.body = body
        }
    }

    struct Answer: Sendable {
        let status: Int
        /// The last value of each header, by its name in lower case.
        let headers: [String: String]
        let body: [UInt8]
    }

    private typealias Connection = NIOAsyncChannel<NIOHTTPClientResponseFull, HTTPClientRequestPart>

    let socket: ControlSocket

    /// Throws `service.absent` or `access.denied` when there is nobody to ask, and `service.unreachable` when no whole
    /// answer comes within `patience`.
    func send(_ request: Request, patience: Duration) async throws -> Answer {
        do {
            guard let answer = try await within(patience, { try await exchange(request) }) else {
                throw TooLate(patience: patience)
            }
            return answer
        } catch {
            try Task.checkCancellation()
            throw socket.unreachable(because: error)
        }
    }

    private func exchange(_ request: Request) async throws -> Answer {
        try await connect().executeThenClose { inbound, outbound in
            try await outbound.write(contentsOf: request.parts)
            for try await response in inbound { return Answer(response) }
            throw HungUp()
        }
    }

    private func connect() async throws -> Connection {
        let name = try SocketName(ControlSocket.file, in: socket.home)
        defer { name.close() }
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: name.text) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(
                        NIOHTTPClientResponseAggregator(maxContentLength: ControlLimits.answerBytes))
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private struct HungUp: Error, CustomStringConvertible {
        var description: String { "it hung up without an answer" }
    }

    private struct TooLate: Error, CustomStringConvertible {
        let patience: Duration
        var description: String { "it gave no answer within \(patience)" }
    }
}

extension HTTPExchange.Request {
    fileprivate var parts: [HTTPClientRequestPart] {
        let headers: HTTPHeaders = [
            "host": "granary", "connection": "close", "content-type": "application/json",
            "content-length": "\(body.count)",
        ]
        let head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: path, headers: headers)
        return [.head(head), .body(.byteBuffer(ByteBuffer(bytes: body))), .end(nil)]
    }
}

extension HTTPExchange.Answer {
    fileprivate init(_ response: NIOHTTPClientResponseFull) {
        status = Int(response.head.status.code)
        headers = Dictionary(response.head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
        body = response.body.map { Array($0.readableBytesView) } ?? []
    }
}

/// What `body` returns, or nil when it takes longer than `limit`; it is then cancelled and has ended.
private func within<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
