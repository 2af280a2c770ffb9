// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import GranaryTransfer

/// The requests of S3 to one bucket. Each is safe to send again, and is where that helps.
///
/// Keys are bytes, and go out percent-encoded as they are: nothing is normalised, neither `//` nor `..` nor é.
struct S3Client: Sendable {
    let client: AWSClient
    let bucket: String

    /// One page of all keys that begin with `prefix`, after the page that gave `token`; without those that have
    /// `delimiter` behind the prefix.
    func list(prefix: BytePath, after token: String?, delimiter: String? = nil) async throws -> S3Page {
        var request = request("GET")
        request.query = [
            QueryItem("list-type", "2"), QueryItem("encoding-type", "url"),
            QueryItem("max-keys", String(Limits.listingPage)), QueryItem("prefix", try text(of: prefix)),
        ]
        if let delimiter { request.query.append(QueryItem("delimiter", delimiter)) }
        if let token { request.query.append(QueryItem("continuation-token", token)) }
        let answer = try await exchange(request, limit: largestPage, "list", nil)
        return try S3Page(parsing: answer.body)
    }

    /// What is known of an object without its bytes; nil when there is none.
    func head(_ key: BytePath) async throws -> S3Head? {
        var request = try request("HEAD", key)
        request.headers = [TransferHeader("x-amz-checksum-mode", "ENABLED")]
        request.accepted = [404]
        let answer = try await exchange(request, "look at", key)
        return answer.status == 404 ? nil : try S3Head(answer)
    }

    /// A small object whole; nil when there is none. Throws `limit.reached` beyond `limit` bytes.
    func get(_ key: BytePath, limit: Int) async throws -> [UInt8]? {
        var request = try request("GET", key)
        request.accepted = [404]
        // What says that there is none may be longer than what was asked for.
        let answer = try await exchange(request, limit: max(limit, 64 << 10), "read", key)
        guard answer.status != 404 else { return nil }
        guard answer.body.count <= limit else { throw GranaryError.longObject(key, limit) }
        return answer.body
    }

    /// Sends the bytes of an object from `offset` on to the sink that `choose` gives, if its ETag still is `tag`.
    ///
    /// One attempt: what was sent stays sent. False when the object is gone or another.
    func download(
        _ key: BytePath, tag: String, from offset: Int64, choose: @escaping @Sendable (S3Head) throws -> any ByteSink
    ) async throws -> Bool {
        var request = try request("GET", key)
        request.headers = [
            TransferHeader("x-amz-checksum-mode", "ENABLED"), TransferHeader("If-Match", quoted(tag)),
        ]
        if offset > 0 { request.headers.append(TransferHeader("Range", "bytes=\(offset)-")) }
        request.accepted = [404, 412, 416]
        let answer = try await reporting(key) {
            try await client.download(request, doing: doing("read", key)) { answer in
                guard answer.status == 200 || answer.status == 206 else { return nil }
                let sink = try choose(try S3Head(answer))
                guard offset > 0 else { return sink }
                // A service may send the whole although it was asked for the rest; rclone calls a part a whole.
                switch answer.firstByte {
                case offset?: return sink
                case nil where answer.status == 200: return SkippingSink(sink, skipping: offset)
                default: throw GranaryError.otherAnswer("'\(key)' from byte \(offset)", "another part")
                }
            }
        }
        return answer.status == 200 || answer.status == 206
    }
}

extension S3Client {
    func request(_ method: String) -> AWSRequest { AWSRequest(method, bucket: bucket) }

    /// Throws `path.refused` for a key that no service could keep.
    func request(_ method: String, _ key: BytePath) throws -> AWSRequest {
        guard !key.bytes.isEmpty, key.bytes.count <= 1024, key.text != nil, !key.bytes.contains(0) else {
            throw GranaryError.keyRefused(key)
        }
        return AWSRequest(method, bucket: bucket, path: "/" + percentEncoded(key.bytes, keeping: .path))
    }

    func exchange(
        _ request: AWSRequest, limit: Int = 1 << 20, _ verb: String, _ key: BytePath?
    ) async throws -> TransferAnswer {
        try await reporting(key) { try await client.exchange(request, limit: limit, doing: doing(verb, key)) }
    }

    /// Gives what the service says the meaning that it has for an object.
    func reporting<Value: Sendable>(_ key: BytePath?, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as GranaryError {
            throw error.aboutObject
        }
    }

    func doing(_ verb: String, _ key: BytePath?) -> AWSClient.Doing {
        AWSClient.Doing(verb, key.map { "s3://\(bucket)/\($0)" } ?? "s3://\(bucket)")
    }

    func text(of key: BytePath) throws -> String {
        guard let text = key.text else { throw GranaryError.keyRefused(key) }
        return text
    }
}

extension TransferAnswer {
    /// Where a part of an object begins; nil when the answer does not say that it is one.
    fileprivate var firstByte: Int64? {
        let range = header("Content-Range")?.drop { $0 != " " }.dropFirst()
        return range.flatMap { Int64($0.prefix { $0 != "-" }) }
    }
}

func quoted(_ tag: String) -> String { tag.hasPrefix("W/") ? tag : "\"\(tag)\"" }

/// Bytes of a page of a thousand keys, each of 1024 bytes and percent-encoded.
private let largestPage = 8 << 20

extension GranaryError {
    fileprivate static func longObject(_ key: BytePath, _ limit: Int) -> GranaryError {
        GranaryError(
            .limitReached, "'\(key)' is longer than \(limit) bytes.", subject: key.description,
            remedy: "Check that it is what its name says; split it if it is.", disposition: .quarantine)
    }

    static func keyRefused(_ key: BytePath) -> GranaryError {
        GranaryError(
            .pathRefused, "'\(key)' can't be the key of an object.", subject: key.description,
            remedy: "Keys are UTF-8 without NUL, of 1 to 1024 bytes with the prefix; have it renamed.",
            disposition: .quarantine)
    }
}
