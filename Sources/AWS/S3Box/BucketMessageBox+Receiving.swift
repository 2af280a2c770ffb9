// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

extension BucketMessageBox: MessageReceiver {
    /// The first messages in the order of their names. The key is the object's name below the prefix.
    public func receive(limit: Int) async throws -> [ReceivedMessage] {
        var messages: [ReceivedMessage] = []
        var token: String?
        repeat {
            let page = try await objects.list(prefix: start, after: token, delimiter: "/")
            var candidates = page.objects.filter { name($0.key) != nil }[...]
            while messages.count < limit, !candidates.isEmpty {
                let next = Array(candidates.prefix(limit - messages.count))
                candidates = candidates.dropFirst(next.count)
                for result in await inParallel(next, atOnce: 8, { try await message($0) }) {
                    if let message = try result.get() { messages.append(message) }
                }
            }
            token = page.next
        } while token != nil && messages.count < limit
        return messages
    }

    /// Deletes each object if it still is the one that was received; a newer one of that name is a message of its own.
    public func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>] {
        await inParallel(messages, atOnce: 8) { message in
            _ = try await objects.delete(key(BytePath(message.key)), tag: message.receipt)
        }
    }

    private var start: BytePath { prefix.bytes.isEmpty ? prefix : BytePath(prefix.bytes + Array("/".utf8)) }

    /// One message; nil when it is gone meanwhile, or was refused.
    private func message(_ object: S3Object) async throws -> ReceivedMessage? {
        guard let name = name(object.key), let text = name.text else { return nil }
        do {
            guard object.size <= Limits.messageBytes else { throw GranaryError.tooLong(name, object.size) }
            guard let body = try await objects.get(object.key, limit: Limits.messageBytes) else { return nil }
            return ReceivedMessage(key: text, body: body, sentAt: object.modified, receipt: object.tag)
        } catch let error as GranaryError where error.concernsOneObject {
            refused(await setAside(object, name, because: error))
            return nil
        }
    }

    /// Moves an object out of the way, with the reason beside it. The refusal, or why even that could not be done.
    private func setAside(_ object: S3Object, _ name: BytePath, because refusal: GranaryError) async -> GranaryError {
        do {
            let place = key("refused")
            let reason = Array("\(refusal)\n".utf8)
            for number in 0..<10_000 {
                let kept = place.appending(number == 0 ? name : BytePath(name.bytes + Array(".\(number)".utf8)))
                if try await objects.copy(object.key, tag: object.tag, to: kept) == .occupied { continue }
                let words = BytePath(kept.bytes + Array(".reason.txt".utf8))
                _ = try await objects.put(words, reason, sha256: Checksum(.sha256, of: reason), replacing: true)
                _ = try await objects.delete(object.key, tag: object.tag)
                break
            }
            return refusal
        } catch {
            var failure = error as? GranaryError ?? refusal
            failure.cause = refusal
            return failure
        }
    }
}

extension GranaryError {
    /// Neither the network nor the whole bucket is at fault: the neighbours can be read.
    fileprivate var concernsOneObject: Bool {
        disposition == .quarantine || code == .limitReached || awsFault?.code == "InvalidObjectState"
    }

    fileprivate static func tooLong(_ name: BytePath, _ size: Int64) -> GranaryError {
        GranaryError(
            .limitReached, "'\(name)' has \(size) bytes; a message has at most \(Limits.messageBytes).",
            subject: name.description, remedy: "Have the partner send shorter messages.", disposition: .quarantine)
    }
}
