// SPDX-License-Identifier: Apache-2.0
import Foundation
import GranaryCore

/// Public test data that lies beside the package and is never part of it; tests that need it are skipped without it.
enum SharedData {
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let root = package.deletingLastPathComponent().appending(path: "shared/data")

    static func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appending(path: path).path) }

    /// A file of the package itself.
    static func own(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: package.appending(path: path)))
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: root.appending(path: path)))
    }

    /// The `.json` files under a folder, by their path inside it, in order.
    static func files(under folder: String) -> [String] {
        let folder = root.appending(path: folder)
        let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return found.filter { $0.hasSuffix(".json") }.sorted()
    }
}
