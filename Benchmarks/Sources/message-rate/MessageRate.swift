// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryAWS
import GranaryCore

/// Sends messages to an SQS queue, or takes them out of it, as fast as it can.
///
///     message-rate send|receive QUEUE-URL COUNT
///
/// Credentials and region come from the environment. It ends once COUNT messages were taken by the queue, or received
/// and deleted, each exactly as it was sent.
@main struct MessageRate {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let count = Int(arguments[3]) else {
            throw GranaryError(.invalid, "message-rate send|receive QUEUE-URL COUNT", remedy: "Give three arguments.")
        }
        let queue = SQSQueue(client: try client(of: arguments[2]), url: arguments[2], wait: .seconds(1))
        if arguments[1] == "send" { try await send(count, to: queue) } else { try await receive(count, from: queue) }
    }

    /// A queue's address begins with its service's.
    private static func client(of queue: String) throws -> AWSClient {
        var environment: [String: String] = [:]
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        guard let credentials = try EnvironmentCredentials(environment) else {
            throw GranaryError(.invalid, "No credentials are in the environment.", remedy: "Set AWS_ACCESS_KEY_ID.")
        }
        var endpoint = AWSEndpoint(region: environment["AWS_REGION"] ?? "us-east-1")
        endpoint.url = queue.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        return AWSClient(endpoint, service: "sqs", credentials: credentials)
    }

    private static let lanes = 8

    private static func send(_ count: Int, to queue: SQSQueue) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    let own = Array(stride(from: lane, to: count, by: lanes))
                    for start in stride(from: 0, to: own.count, by: 100) {
                        let page = own[start..<min(start + 100, own.count)]
                        for result in await queue.publish(page.map(message)) { _ = try result.get() }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func receive(_ count: Int, from queue: SQSQueue) async throws {
        let seen = try await withThrowingTaskGroup(of: Set<[UInt8]>.self) { group in
            for _ in 0..<lanes {
                group.addTask {
                    var own: Set<[UInt8]> = []
                    while case let page = try await queue.receive(limit: 10), !page.isEmpty {
                        for result in await queue.delete(page) { try result.get() }
                        own.formUnion(page.map(\.body))
                    }
                    return own
                }
            }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.formUnion($1) }
        }
        guard seen == Set((0..<count).map { message($0).body }) else {
            throw GranaryError(.invalid, "\(seen.count) messages came, or others.", remedy: "Empty the queue first.")
        }
    }

    /// As long as a small CNM-S.
    private static func message(_ number: Int) -> OutgoingMessage {
        let filling = String(repeating: "x", count: 900)
        return OutgoingMessage(
            identifier: "message-\(number)", body: Array(#"{"identifier":"message-\#(number)","f":"\#(filling)"}"#.utf8))
    }
}
