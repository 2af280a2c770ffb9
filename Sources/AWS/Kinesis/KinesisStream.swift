// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

/// A stream of Kinesis as both ends of an exchange of messages.
///
/// Sending, messages of one group stay in one shard and so in order. Reading begins at the oldest record and goes through
/// every shard, parents before the children that they were split or merged into. A record that was not deleted is offered
/// again, also after a restart: a shard's checkpoint only passes records before which all are deleted.
public final class KinesisStream: Sendable {
    public let name: String
    let client: AWSClient
    let checkpoints: any Checkpoints
    let pace: Duration
    let clock: any WallClock
    let book = Mutex(ShardBook())

    /// - Parameters:
    ///   - client: of the service `kinesis`.
    ///   - name: the stream's name or ARN.
    ///   - checkpoints: where reading remembers how far it came, as `name/shard`; in memory only if not given.
    ///   - pace: the least time between two looks that find nothing new; Kinesis allows five a second for a shard.
    public init(
        client: AWSClient, name: String, checkpoints: any Checkpoints = ForgetfulCheckpoints(),
        pace: Duration = .seconds(1), clock: any WallClock = SystemClock()
    ) {
        self.client = client
        self.name = name
        self.checkpoints = checkpoints
        self.pace = pace
        self.clock = clock
    }

    func call(
        _ action: String, _ members: JSONValue, to doing: String, limit: Int = 4 << 20
    ) async throws -> JSONValue {
        try await client.call(action, of: .kinesis, members, doing: .init(doing, name), limit: limit)
    }

    /// The member that names the stream.
    var address: JSONValue {
        .object(JSONObject([(name.hasPrefix("arn:") ? "StreamARN" : "StreamName", .string(name))]))
    }
}

/// Remembers nothing beyond the process: for a stream that is only sent to.
public struct ForgetfulCheckpoints: Checkpoints {
    public init() {}
    public func checkpoint(_ name: String) async throws -> String? { nil }
    public func save(_ checkpoints: [String: String]) async throws {}
}
