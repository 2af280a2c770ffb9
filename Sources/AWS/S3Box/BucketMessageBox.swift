// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A bucket, or what lies directly below a prefix of it, as a message box: one object for each message, which the reader
/// deletes once it has it.
///
/// Objects that can't be messages (too long, not readable) are moved to `refused/` in the box, with a `.reason.txt`
/// beside them, and told to `refused`; they never keep their neighbours waiting. The partner's own objects are read
/// under any name but a temporary one.
public struct BucketMessageBox: Sendable {
    let objects: S3Client
    let prefix: BytePath
    let refused: @Sendable (GranaryError) -> Void

    /// - Parameters:
    ///   - client: of the service `s3`.
    ///   - prefix: without a slash at either end; empty for the whole bucket.
    ///   - refused: told once for each object that was moved aside, and at each look for one that can't be moved.
    public init(
        client: AWSClient, bucket: String, prefix: String = "", refused: @escaping @Sendable (GranaryError) -> Void
    ) {
        precondition(client.service == "s3", "a bucket is reached by a client of s3, not of \(client.service)")
        objects = S3Client(client: client, bucket: bucket)
        self.prefix = BytePath(prefix.split(separator: "/").joined(separator: "/"))
        self.refused = refused
    }

    func key(_ name: BytePath) -> BytePath { prefix.appending(name) }

    /// The name of a key that lies directly in the box and may be a message; nil for any other.
    func name(_ key: BytePath) -> BytePath? {
        let start = prefix.bytes.isEmpty ? [] : prefix.bytes + Array("/".utf8)
        guard key.bytes.starts(with: start) else { return nil }
        let name = BytePath(key.bytes.dropFirst(start.count))
        return name.isUnsafe || name.components.count > 1 || name.isTemporaryName ? nil : name
    }
}

extension BucketMessageBox: MessagePublisher {
    /// Gives the object's name below the prefix, once the message is durable under it. The same bytes again are a success;
    /// other bytes under the same identifier fail with `state.conflict`.
    public func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        await inParallel(messages, atOnce: 8) { try await put($0) }
    }

    private func put(_ message: OutgoingMessage) async throws -> String {
        let name = BytePath("\(message.identifier).json")
        guard self.name(key(name)) == name, name.bytes.count <= 255 else { throw GranaryError.messageName(name) }
        // What is there may be read and deleted while we look at it: then it is put once more.
        for _ in 0..<3 {
            let digest = Checksum(.sha256, of: message.body)
            guard try await objects.put(key(name), message.body, sha256: digest) == .occupied else { break }
            guard let head = try await objects.head(key(name)) else { continue }
            guard head.size == message.body.count,
                let existing = try await objects.get(key(name), limit: message.body.count)
            else { throw GranaryError.otherMessage(name, objects.bucket) }
            if existing != message.body { throw GranaryError.otherMessage(name, objects.bucket) }
            break
        }
        return "\(message.identifier).json"
    }
}

extension GranaryError {
    fileprivate static func messageName(_ name: BytePath) -> GranaryError {
        GranaryError(
            .pathRefused, "'\(name)' can't be the name of a message.", subject: name.description,
            remedy: "Use an identifier of letters, digits, '-' and '_', at most 250 bytes.", disposition: .quarantine)
    }

    fileprivate static func otherMessage(_ name: BytePath, _ bucket: String) -> GranaryError {
        GranaryError(
            .stateConflict, "Message '\(name)' lies in the bucket '\(bucket)' already with other bytes.",
            subject: name.description,
            remedy: "Give the new message an identifier of its own, or take the old one out of the box.")
    }
}

/// Does something for each item, a few at a time. One result for each, in order.
func inParallel<Item: Sendable, Value: Sendable>(
    _ items: [Item], atOnce: Int, _ body: @escaping @Sendable (Item) async throws -> Value
) async -> [Result<Value, any Error>] {
    await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
        var results: [Result<Value, any Error>?] = Array(repeating: nil, count: items.count)
        var waiting = items.enumerated().makeIterator()
        func addNext() {
            guard let (index, item) = waiting.next() else { return }
            group.addTask {
                do { return (index, .success(try await body(item))) } catch { return (index, .failure(error)) }
            }
        }
        for _ in 0..<atOnce { addNext() }
        while let (index, result) = await group.next() {
            results[index] = result
            addNext()
        }
        return results.map { $0 ?? .failure(CancellationError()) }
    }
}
