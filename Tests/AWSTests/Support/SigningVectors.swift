// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryAWS
import GranaryCore
import GranaryTransfer
import Testing

/// One case of AWS's public vectors, which lie beside the package and are never part of it.
struct SigningVector: Sendable, CustomTestStringConvertible {
    let name: String
    private let folder: URL

    var testDescription: String { name }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "shared/data/sigv4")

    static var areHere: Bool { !all.isEmpty }

    static let all: [SigningVector] =
        ((try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []).sorted()
        .map { SigningVector(name: $0, folder: root.appending(path: $0)) }
        .filter { FileManager.default.fileExists(atPath: $0.folder.appending(path: "context.json").path) }

    func text(_ file: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: file)), as: UTF8.self)
    }

    func context() throws -> JSONValue { try JSONValue(parsing: try text("context.json")) }

    func signer() throws -> SigV4 {
        let context = try context()
        let credentials = context["credentials"] ?? .null
        var signer = SigV4(
            credentials: AWSCredentials(
                accessKey: credentials["access_key_id"]?.string ?? "",
                secretKey: Secret(credentials["secret_access_key"]?.string ?? ""),
                sessionToken: credentials["token"]?.string.map(Secret.init)),
            region: context["region"]?.string ?? "", service: context["service"]?.string ?? "",
            paths: context["normalize"]?.boolean == false ? .encodedAgain : .normalized,
            statesPayload: context["sign_body"]?.boolean == true)
        signer.signsToken = context["omit_session_token"]?.boolean != true
        return signer
    }

    func moment() throws -> Timestamp {
        Timestamp(parsing: try context()["timestamp"]?.string ?? "") ?? Timestamp(seconds: 0)
    }

    func request() throws -> SigningRequest {
        let parts = try text("request.txt").components(separatedBy: "\n\n")
        var lines = parts[0].split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        let first = lines.removeFirst()
        let target = first.dropFirst(first.prefix { $0 != " " }.count + 1).dropLast(" HTTP/1.1".count)
        let pieces = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let body = parts.count > 1 ? parts[1] : ""
        return SigningRequest(
            method: String(first.prefix { $0 != " " }), path: String(pieces[0]),
            query: pieces.count > 1 ? query(pieces[1]) : [], headers: headers(lines),
            payload: .signed(sha256: Checksum(.sha256, of: Array(body.utf8)).hex))
    }

    private func query(_ text: Substring) -> [QueryItem] {
        text.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(decoded)
            return QueryItem(sides[0], sides.count > 1 ? sides[1] : "")
        }
    }

    private func decoded(_ text: Substring) -> String {
        String(decoding: percentDecoded(text) ?? [], as: UTF8.self)
    }

    /// A line that begins with a space carries on the one before.
    private func headers(_ lines: [String]) -> [TransferHeader] {
        var headers: [TransferHeader] = []
        for line in lines {
            if line.hasPrefix(" "), let last = headers.popLast() {
                headers.append(.init(last.name, last.value + "\n" + line))
            } else {
                let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                headers.append(.init(String(sides[0]), String(sides[1])))
            }
        }
        return headers
    }
}
