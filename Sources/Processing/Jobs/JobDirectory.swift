// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import GranaryCore
internal import SystemPackage

/// The directory of one attempt: `<root>/<job>/<attempt>/`.
///
/// `input/` holds the archived inputs or links to them, `output/` is where products are expected, `tmp/` is scratch. Beside them
/// lie `_job.json`, `_context.json`, `_stdout.txt`, `_stderr.txt`, `_exit_code`, and what the job may leave there:
/// `_alt_error.txt`, its own words for why it failed.
struct JobDirectory: Sendable, Hashable {
    let root: String
    let job: Int64
    let attempt: Int

    var path: String { "\(root)/\(job)/\(attempt)" }

    var input: String { "\(path)/input" }
    var output: String { "\(path)/output" }
    var temporary: String { "\(path)/tmp" }
    var context: String { "\(path)/_context.json" }

    /// Makes it anew. What an attempt of the same number left behind, before the catalog was restored, goes first.
    func make() throws {
        try makeParents()
        if mkdir(path, 0o755) != 0 {
            guard errno == EEXIST else { throw systemFailure("create") }
            remove(BytePath(path))
            guard mkdir(path, 0o755) == 0 else { throw systemFailure("create") }
        }
        for directory in [input, output, temporary] where mkdir(directory, 0o755) != 0 { throw systemFailure("fill") }
    }

    /// Links one input file under `input/<folder>/<name>` and returns the link's path.
    func link(_ target: String, folder: String, name: String) throws -> String {
        guard access(target, R_OK) == 0 else { throw systemFailure("read the input \(target) for") }
        let link = try inputPath(folder: folder, name: name)
        guard symlink(target, link) == 0 else { throw systemFailure("link \(name) into") }
        return link
    }

    /// The path of one input file, `input/<folder>/<name>`, in a folder that is there.
    func inputPath(folder: String, name: String) throws -> String {
        let folder = "\(input)/\(folder)"
        if mkdir(folder, 0o755) != 0, errno != EEXIST { throw systemFailure("fill") }
        return "\(folder)/\(name)"
    }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        do {
            let file = try FileDescriptor.open(
                FilePath("\(path)/\(name)"), .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try file.closeAfter { _ = try file.writeAll(bytes) }
        } catch {
            throw workFailure(error as? Errno, "write \(name) in", path)
        }
    }

    /// Everything below `output/` that is no directory, by its path below the root. The job's number leads the path, so
    /// that every arrival tells whose it is.
    func outputs() throws -> [BytePath] { try listed(BytePath("\(job)/\(attempt)/output")).sorted() }

    private func listed(_ folder: BytePath) throws -> [BytePath] {
        let found = SmallFile.entries(in: BytePath(root).appending(folder))
        guard let found else { throw systemFailure("list the output in") }
        return try found.flatMap { entry in
            let path = folder.appending(entry.name)
            return entry.isDirectory ? try listed(path) : [path]
        }
    }

    /// The start of a file that the job may have left; nil when there is none with anything in it.
    func text(_ name: String) -> String? {
        guard let bytes = SmallFile.bytes("\(path)/\(name)", limit: Limits.storedText, links: false), !bytes.isEmpty
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The end of a file of ours.
    func tail(_ name: String) -> String {
        String(decoding: SmallFile.tail("\(path)/\(name)", limit: Limits.storedText / 2), as: UTF8.self)
    }

    /// Removes what nobody needs any more once the products are archived; logs and `_*.json` stay.
    func tidy() { for directory in [input, output, temporary] { remove(BytePath(directory)) } }

    private func makeParents() throws {
        for end in path.indices.dropFirst() where path[end] == "/" {
            if mkdir(String(path[..<end]), 0o755) != 0, errno != EEXIST { throw systemFailure("create") }
        }
    }

    private func systemFailure(_ what: String) -> GranaryError { workFailure(Errno(rawValue: errno), what, path) }
}

/// Removes a tree as far as it can be removed; links are removed, not followed. Its depth is bounded by the longest path.
private func remove(_ path: BytePath) {
    let name = (path.bytes + [0]).map(CChar.init(bitPattern:))
    guard unlink(name) != 0, errno == EISDIR else { return }
    for entry in SmallFile.entries(in: path) ?? [] { remove(path.appending(entry.name)) }
    rmdir(name)
}
