// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

/// A bucket's change notices from a queue of SQS: they bring the next look forward and never stand for it.
///
/// It has the two methods of a watcher's `WakeUps`, so that Assembly says `extension BucketNotices: WakeUps {}`. Give one
/// queue to one watcher: a notice that another one took wakes nobody here, and the object is found at the next look all
/// the same.
///
/// A message is deleted once its wake-up is noted, each by itself; one that can't be read wakes too, is told to
/// `troubled`, and goes. A queue that can't be reached is told there as well; the watcher then keeps to its own pace.
public final class BucketNotices: Sendable {
    private let queue: SQSQueue
    private let bucket: String
    private let prefix: BytePath
    private let clock: any WallClock
    private let troubled: @Sendable (GranaryError) -> Void
    private let written = Mutex<Set<BytePath>>([])

    /// Hints are for a look or two; when more are kept, nobody asks for them.
    private static let mostHints = 100_000
    /// Messages taken for one wake-up.
    private static let page = 100

    /// - Parameters:
    ///   - prefix: of the store that is watched, without a slash at either end: notices of other keys wake nobody.
    ///   - troubled: told of messages that can't be read and of a queue that can't be reached.
    public init(
        queue: SQSQueue, bucket: String, prefix: String = "", clock: any WallClock = SystemClock(),
        troubled: @escaping @Sendable (GranaryError) -> Void
    ) {
        self.queue = queue
        self.bucket = bucket
        self.prefix = BytePath(prefix.split(separator: "/").joined(separator: "/"))
        self.clock = clock
        self.troubled = troubled
    }

    /// Returns when a notice says that something changed, when the time is over, or when the task is cancelled.
    public func wait(atMost pause: Duration) async {
        let end = clock.uptime() + pause
        while !Task.isCancelled, case let left = end - clock.uptime(), left > .zero {
            do {
                // The queue waits in whole seconds.
                if left < .seconds(1) { try await Task.sleep(for: left) }
                if try await look(waiting: left) { return }
            } catch is CancellationError {
                return
            } catch {
                if let error = error as? GranaryError { troubled(error) }
                try? await Task.sleep(for: max(.zero, end - clock.uptime()))
            }
        }
    }

    /// True when a notice said that this object was written since it was last asked.
    public func wasClosed(_ path: BytePath) -> Bool { written.withLock { $0.remove(path) != nil } }

    /// One receive from the queue; true when something of what is watched changed.
    private func look(waiting left: Duration) async throws -> Bool {
        let messages = try await queue.waiting(atMost: left).receive(limit: Self.page)
        var isWoken = false
        for message in messages where note(message) { isWoken = true }
        // One that is not deleted comes again and wakes again, which does no harm.
        for result in await queue.delete(messages) {
            if case .failure(let error as GranaryError) = result { troubled(error) }
        }
        return isWoken
    }

    private func note(_ message: ReceivedMessage) -> Bool {
        switch BucketMessage(message.body) {
        case .test: return false
        case .unreadable:
            troubled(.unreadableNotice(message.key, queue.name))
            return true
        case .notices(let notices):
            let paths = notices.filter { $0.bucket == bucket }.compactMap { notice in
                path(notice.key).map { (path: $0, isRemoval: notice.isRemoval) }
            }
            written.withLock { hints in
                if hints.count > Self.mostHints { hints = [] }
                for path in paths where !path.isRemoval { hints.insert(path.path) }
            }
            return !paths.isEmpty
        }
    }

    /// The path of a key below the prefix.
    private func path(_ key: BytePath) -> BytePath? {
        if prefix.bytes.isEmpty { return key }
        let start = prefix.bytes + Array("/".utf8)
        return key.bytes.starts(with: start) ? BytePath(key.bytes.dropFirst(start.count)) : nil
    }
}

extension SQSQueue {
    /// The same queue, which waits for a first message that long.
    fileprivate func waiting(atMost limit: Duration) -> SQSQueue {
        SQSQueue(client: client, url: url, wait: limit, hold: holdTime)
    }
}

extension GranaryError {
    fileprivate static func unreadableNotice(_ key: String, _ queue: String) -> GranaryError {
        GranaryError(
            .invalid, "Message '\(key)' of the queue '\(queue)' is no notice about a bucket.", subject: key,
            remedy: "Let nothing else send to this queue.", disposition: .quarantine)
    }
}
