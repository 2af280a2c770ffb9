// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryDelivery

/// A place with files, as the configuration names it: a folder, a bucket, a server's directory.
struct FilePlace: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// An absolute path on this machine.
        case folder(String)
        /// The prefix has no slash at its ends.
        case bucket(String, prefix: String)
        case sftp, ftp, http
    }
    var kind: Kind
    /// Absolute, without a slash at its end: `file:///data/in`, `s3://bucket/prefix`, `sftp://host/in`.
    var uri: String
    /// Which of the `servers` says how it is reached.
    var server: String?

    /// - Parameter text: a path, which may be relative to the home, or a URI.
    init(_ text: String, home: String, server: String?) throws {
        self.server = server
        guard let scheme = scheme(of: text), scheme != "file" else {
            let path = try path(text, home: home)
            kind = .folder(path)
            uri = FileURI.text(ofPath: path)
            return
        }
        uri = try plainURI(text)
        switch scheme {
        case "s3":
            let (bucket, prefix) = try bucketAndPrefix(text)
            kind = .bucket(bucket, prefix: prefix)
            uri = "s3://\(bucket)\(prefix.isEmpty ? "" : "/")\(prefix)"
        case "sftp": kind = .sftp
        case "ftp", "ftps": kind = .ftp
        case "http", "https": kind = .http
        default:
            throw GranaryError(
                .invalid, "\(text) is no place that files can be fetched from",
                remedy:
                    "Name a folder, or a URI that begins with s3, sftp, ftp (encrypted by AUTH TLS), ftps, http or https."
            )
        }
    }

    /// Its path on this machine; nil when it is elsewhere.
    var folder: String? {
        if case .folder(let path) = kind { path } else { nil }
    }
}

/// A place that messages go to or come from, as the configuration names it.
struct MessagePlace: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// An absolute path on this machine: a message box.
        case folder(String)
        /// SQS: a queue's name, account and name (`123456789012/name`), or URL.
        case queue(String)
        /// SNS: a topic's ARN.
        case topic(String)
        /// Kinesis: a stream's name.
        case stream(String)
        /// A message box in a bucket; the prefix has no slash at its ends.
        case bucket(String, prefix: String)
    }
    var kind: Kind
    /// As it was written, for people.
    var text: String
    /// Which of the `servers` says how it is reached.
    var server: String?
    /// The region that an ARN names.
    var region: String?

    init(_ text: String, home: String, server: String?) throws {
        self.server = server
        self.text = text
        if text.hasPrefix("arn:") {
            (kind, region) = try Self.resource(text)
            return
        }
        switch scheme(of: text) {
        case "sqs": kind = .queue(try Self.name(text))
        case "http", "https": kind = .queue(try plainURI(text))
        case "kinesis": kind = .stream(try Self.name(text))
        case "s3":
            let (bucket, prefix) = try bucketAndPrefix(text)
            kind = .bucket(bucket, prefix: prefix)
        case nil, "file": kind = .folder(try path(text, home: home))
        default:
            throw GranaryError(
                .invalid, "\(text) is no place for messages",
                remedy: "Name a folder, sqs://QUEUE, kinesis://STREAM, s3://BUCKET/PREFIX, or the ARN of an SNS topic.")
        }
    }

    /// Its path on this machine; nil when it is elsewhere.
    var folder: String? {
        if case .folder(let path) = kind { path } else { nil }
    }

    /// What follows `sqs://` or `kinesis://`.
    private static func name(_ text: String) throws -> String {
        let name = text.drop { $0 != ":" }.dropFirst(3)
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else {
            throw GranaryError(
                .invalid, "\(text) names no queue or stream", remedy: "Write it like sqs://QUEUE or kinesis://STREAM.")
        }
        return String(name)
    }

    /// `arn:aws:sns:us-west-2:123456789012:topic`, and likewise of queues and streams.
    private static func resource(_ arn: String) throws -> (Kind, String) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 6, parts.dropFirst().allSatisfy({ !$0.isEmpty }) {
            switch parts[2] {
            case "sns": return (.topic(arn), parts[3])
            case "sqs": return (.queue("\(parts[4])/\(parts[5])"), parts[3])
            case "kinesis" where parts[5].hasPrefix("stream/"):
                return (.stream(String(parts[5].dropFirst(7))), parts[3])
            default: break
            }
        }
        throw GranaryError(
            .invalid, "\(arn) is no ARN of an SNS topic, an SQS queue or a Kinesis stream",
            remedy: "Copy the ARN from where the topic, queue or stream was made.")
    }
}

private func scheme(of text: String) -> String? {
    guard let end = text.firstRange(of: "://")?.lowerBound else { return nil }
    return text[..<end].lowercased()
}

private func path(_ text: String, home: String) throws -> String {
    guard text.contains("://") else { return absolute(text, from: home) }
    guard let path = FileURI.path(of: text) else {
        throw GranaryError(.invalid, "\(text) is no file URI", remedy: "Write it like file:///data/incoming.")
    }
    return path
}

/// The text without a slash at its end. User names, queries and fragments have no business here.
private func plainURI(_ text: String) throws -> String {
    let plain = text.hasSuffix("/") ? String(text.dropLast()) : text
    let rest = plain.drop { $0 != ":" }.dropFirst(3)
    guard let first = rest.first, first != "/", rest.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
        !rest.contains(where: { "?#@\\".contains($0) }), !hasDots(rest)
    else {
        throw GranaryError(
            .invalid,
            "\(scheme(of: text) ?? "it")://… is no URI of a place: it needs a host, and holds no user, query or “..”",
            remedy: "Name user and password in `servers`, by reference.")
    }
    return plain
}

private func bucketAndPrefix(_ text: String) throws -> (bucket: String, prefix: String) {
    let rest = try plainURI(text).dropFirst(5)
    let bucket = rest.prefix { $0 != "/" }
    let prefix = rest.dropFirst(bucket.count + 1)
    guard bucket.utf8.allSatisfy({ isNameByte($0) && $0 != UInt8(ascii: "/") }),
        prefix.isEmpty || !BytePath(String(prefix)).isUnsafe
    else {
        throw GranaryError(.invalid, "\(text) names no bucket and prefix", remedy: "Write it like s3://bucket/prefix.")
    }
    return (String(bucket), String(prefix))
}

private func hasDots(_ text: Substring) -> Bool { text.split(separator: "/").contains { $0 == "." || $0 == ".." } }

/// What names of buckets, queues and streams are made of, and the slash behind an account.
private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "-_./".utf8.contains(byte)
    }
}
