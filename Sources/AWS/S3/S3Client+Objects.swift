// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import GranaryTransfer

/// What came of a write that must not replace anything.
enum S3Write: Sendable, Hashable {
    case written
    /// There is an object of that name already; it was left as it is.
    case occupied
}

extension S3Client {
    /// Writes a small object whole. The service refuses bytes that are not those of `sha256`.
    ///
    /// - Parameter replacing: when false, an object that is there is left as it is (`If-None-Match: *`). A write whose
    ///   reply was lost is sent again, and finds its own object: `occupied` says only that one is there.
    func put(
        _ key: BytePath, _ bytes: [UInt8], sha256: Checksum, replacing: Bool = false,
        metadata: [(name: String, value: String)] = []
    ) async throws -> S3Write {
        var request = try request("PUT", key)
        request.body = .bytes(bytes)
        request.payload = .signed(sha256: sha256.hex)
        request.headers = [
            TransferHeader("Content-Type", "application/octet-stream"),
            TransferHeader("x-amz-checksum-sha256", base64(sha256.bytes)),
        ]
        request.headers += metadata.map { TransferHeader("x-amz-meta-\($0.name)", $0.value) }
        request.doNotReplace(unless: replacing)
        return try await exchange(request, "write", key).write
    }

    /// Copies an object inside the bucket (up to 5 GiB, which is all that one copy can), if its ETag still is `tag`.
    func copy(_ key: BytePath, tag: String, to target: BytePath, replacing: Bool = false) async throws -> S3Write {
        var request = try request("PUT", target)
        _ = try self.request("GET", key)
        request.headers = [
            TransferHeader("x-amz-copy-source", "/\(bucket)/" + percentEncoded(key.bytes, keeping: .path)),
            TransferHeader("x-amz-copy-source-if-match", quoted(tag)),
        ]
        request.doNotReplace(unless: replacing)
        request.mayFailInside200 = true
        let answer = try await exchange(request, "copy", key)
        if answer.status != 412 { _ = try S3Answer(["CopyObjectResult"], parsing: answer.body) }
        return answer.write
    }

    /// Deletes an object if its ETag still is `tag`, or whatever it is; false when it is another. One that is gone is as
    /// good as deleted.
    func delete(_ key: BytePath, tag: String? = nil) async throws -> Bool {
        var request = try request("DELETE", key)
        request.accepted = [404, 412]
        if let tag {
            request.headers = [TransferHeader("If-Match", quoted(tag))]
            request.accepted.insert(501)
        }
        let answer = try await exchange(request, "delete", key)
        // A service that does not know the condition: the caller has looked a moment ago.
        if answer.status == 501 { return try await delete(key) }
        return answer.status != 412
    }

    /// Deletes up to a thousand objects. Gives what could not be deleted, and why.
    func delete(_ keys: [BytePath]) async throws -> [BytePath: GranaryError] {
        precondition(keys.count <= 1000, "S3 deletes at most 1000 objects at a time")
        // XML has no way to write most control characters: such a key is deleted by itself.
        let listable = keys.filter { $0.text.map(isXMLText) == true }
        var failures: [BytePath: GranaryError] = [:]
        for key in keys where !listable.contains(key) {
            do { _ = try await delete(key) } catch let error as GranaryError { failures[key] = error }
        }
        guard !listable.isEmpty else { return failures }
        return failures.merging(try await deleteListed(listable)) { $1 }
    }

    private func deleteListed(_ keys: [BytePath]) async throws -> [BytePath: GranaryError] {
        var request = request("POST")
        request.query = [QueryItem("delete")]
        var document = XMLText()
        document.element("Delete", attributes: S3.namespace) { delete in
            delete.element("Quiet", "true")
            for key in keys { delete.element("Object") { $0.element("Key", key.text ?? "") } }
        }
        let sha256 = Checksum(.sha256, of: document.bytes)
        request.body = .bytes(document.bytes)
        request.headers = [
            TransferHeader("Content-Type", "application/xml"),
            TransferHeader("Content-MD5", base64(Checksum(.md5, of: document.bytes).bytes)),
            TransferHeader("x-amz-checksum-sha256", base64(sha256.bytes)),
        ]
        request.mayFailInside200 = true
        let answer = try await exchange(request, "delete objects of", nil)
        let refused = try S3DeleteAnswer(parsing: answer.body).failures
        return Dictionary(
            uniqueKeysWithValues: refused.map { ($0, AWSFault($1.code, $1.message).about(doing("delete", $0))) })
    }
}

extension AWSRequest {
    fileprivate mutating func doNotReplace(unless replacing: Bool) {
        guard !replacing else { return }
        headers.append(TransferHeader("If-None-Match", "*"))
        accepted.insert(412)
    }
}

extension TransferAnswer {
    fileprivate var write: S3Write { status == 412 ? .occupied : .written }
}

extension AWSFault {
    fileprivate init(_ code: String, _ message: String) { self.init(status: 500, code: code, message: message) }

    fileprivate func about(_ doing: AWSClient.Doing) -> GranaryError {
        error(doing: doing.verb, subject: doing.subject).aboutObject
    }
}

enum S3 {
    static let namespace = #" xmlns="http://s3.amazonaws.com/doc/2006-03-01/""#
}
