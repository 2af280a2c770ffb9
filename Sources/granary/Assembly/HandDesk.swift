// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryIngest
import SystemPackage

/// Finds the watcher that files given by hand belong to, and takes them in through it.
struct HandDesk {
    let site: Site

    func take(_ paths: [String], dryRun: Bool) async throws -> [ActOutcome.Line] {
        var lines: [ActOutcome.Line] = []
        for (watcher, settings) in zip(site.watchers, site.configuration.watchers) {
            let own = try paths.compactMap { try relative($0, to: settings.source) }
            guard !own.isEmpty else { continue }
            let hand = HandIngest(through: watcher) { path in own.contains { $0.contains(path) } }
            let files = dryRun ? try await hand.rehearse() : try await hand.take()
            lines += files.map { file in
                let reason = [file.reason, file.remedy].compactMap(\.self).joined(separator: " ")
                return ActOutcome.Line(
                    file.path.description, done: file.isGood, "\(file.verdict)\(reason.isEmpty ? "" : ": ")\(reason)")
            }
        }
        return lines + homeless(paths)
    }

    private func homeless(_ paths: [String]) -> [ActOutcome.Line] {
        paths.filter { path in !site.configuration.watchers.contains { (try? relative(path, to: $0.source)) != nil }
        }
        .map {
            ActOutcome.Line($0, done: false, "It lies below the place of no watcher; put it there, or add a watcher.")
        }
    }

    /// The selected part of a staging area, or nil when the path lies elsewhere.
    private func relative(_ path: String, to place: FilePlace) throws -> Selection? {
        let (path, directory) =
            place.folder.map {
                (FilePath(path).lexicallyNormalized().string, FilePath($0).lexicallyNormalized().string)
            }
            ?? (path, place.uri)
        if path == directory { return Selection(prefix: BytePath([UInt8]())) }
        guard path.utf8.starts(with: (directory + "/").utf8) else { return nil }
        return Selection(prefix: BytePath(path.utf8.dropFirst(directory.utf8.count + 1)))
    }
}

/// A file, or everything below a folder.
private struct Selection: Sendable {
    let prefix: BytePath

    func contains(_ path: BytePath) -> Bool {
        prefix.bytes.isEmpty || path == prefix || path.bytes.starts(with: prefix.bytes + [UInt8(ascii: "/")])
    }
}
