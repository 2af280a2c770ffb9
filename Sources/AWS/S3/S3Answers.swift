// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// What small XML answers say, by the names of their elements.
struct S3Answer: Sendable {
    private let texts: [String: String]

    /// Reads a document whose root has one of the given names; only the root's own texts are kept.
    ///
    /// Throws `answer.invalid` for any other document.
    init(_ roots: Set<String>, parsing document: [UInt8]) throws {
        texts = try XMLReader.decode(document) { root, reader in
            guard roots.contains(root) else { throw GranaryError.otherAnswer(roots.sorted().joined(), root) }
            return try reader.childTexts()
        }
    }

    subscript(name: String) -> String? { texts[name] }

    func required(_ name: String) throws -> String {
        guard let text = texts[name], !text.isEmpty else { throw GranaryError.otherAnswer("<\(name)>", "none") }
        return text
    }
}

extension XMLReader {
    /// The texts of the present element's children by name; of several with one name the first.
    fileprivate func childTexts() throws -> [String: String] {
        var texts: [String: String] = [:]
        while let name = try nextChild() {
            let text = try text()
            texts[name] = texts[name] ?? text
        }
        return texts
    }
}

/// An upload in parts that was begun and neither completed nor aborted.
struct S3Upload: Sendable, Hashable {
    var key: BytePath
    var id: String
}

/// One page of `ListMultipartUploads`.
struct S3UploadPage: Sendable {
    var uploads: [S3Upload] = []
    /// Where the next page begins; nil after the last.
    var next: (key: String, id: String)?

    init(parsing document: [UInt8]) throws {
        var (raw, texts): ([[String: String]], [String: String]) = ([], [:])
        try XMLReader.decode(document) { root, reader in
            guard root == "ListMultipartUploadsResult" else {
                throw GranaryError.otherAnswer("ListMultipartUploadsResult", root)
            }
            while let name = try reader.nextChild() {
                if name == "Upload" { raw.append(try reader.childTexts()) } else { texts[name] = try reader.text() }
            }
        }
        let isEncoded = texts["EncodingType"] == "url"
        uploads = try raw.map { upload in
            guard let key = upload["Key"].flatMap({ decodedKey($0, isEncoded) }), let id = upload["UploadId"] else {
                throw GranaryError.otherAnswer("key and identifier of every upload", "less")
            }
            return S3Upload(key: BytePath(key), id: id)
        }
        if texts["IsTruncated"] == "true" {
            let key = texts["NextKeyMarker"].flatMap { decodedKey($0, isEncoded) }.map(BytePath.init)?.text
            next = (key ?? "", texts["NextUploadIdMarker"] ?? "")
        }
    }
}

/// One part of an upload as the service knows it.
struct S3Part: Sendable, Hashable {
    var number: Int
    var tag: String
    var size: Int64 = 0
    var sha256: Checksum?
}

/// One page of `ListParts`.
struct S3PartPage: Sendable {
    var parts: [S3Part] = []
    var next: Int?

    init(parsing document: [UInt8]) throws {
        var (raw, texts): ([[String: String]], [String: String]) = ([], [:])
        try XMLReader.decode(document) { root, reader in
            guard root == "ListPartsResult" else { throw GranaryError.otherAnswer("ListPartsResult", root) }
            while let name = try reader.nextChild() {
                if name == "Part" { raw.append(try reader.childTexts()) } else { texts[name] = try reader.text() }
            }
        }
        parts = try raw.map { part in
            guard let number = part["PartNumber"].flatMap({ Int($0) }), let tag = part["ETag"],
                let size = part["Size"].flatMap({ Int64($0) })
            else { throw GranaryError.otherAnswer("number, size and ETag of every part", "less") }
            let digest = part["ChecksumSHA256"].flatMap { base64Bytes($0) }
            return S3Part(
                number: number, tag: unquoted(tag), size: size, sha256: digest.flatMap { Checksum(.sha256, digest: $0) }
            )
        }
        if texts["IsTruncated"] == "true" { next = texts["NextPartNumberMarker"].flatMap { Int($0) } }
    }
}

/// What `DeleteObjects` could not delete.
struct S3DeleteAnswer: Sendable {
    /// By key: the service's code and message.
    var failures: [BytePath: (code: String, message: String)] = [:]

    init(parsing document: [UInt8]) throws {
        failures = try XMLReader.decode(document) { root, reader in
            guard root == "DeleteResult" else { throw GranaryError.otherAnswer("DeleteResult", root) }
            var failures: [BytePath: (code: String, message: String)] = [:]
            while let name = try reader.nextChild() {
                let texts = try reader.childTexts()
                guard name == "Error" else { continue }
                failures[BytePath(texts["Key"] ?? "")] = (texts["Code"] ?? "", texts["Message"] ?? "")
            }
            return failures
        }
    }
}

private func decodedKey(_ text: String, _ isEncoded: Bool) -> [UInt8]? {
    isEncoded ? percentDecoded(text, plusIsSpace: true) : Array(text.utf8)
}
