// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Plain files over HTTP: entity tags, ranges, and folders listed as nginx does.
struct FilesModel: Sendable {
    struct File: Sendable {
        var bytes: [UInt8]
        /// Without quotes.
        var etag: String
        var modified: Timestamp
    }

    /// By path below `/files/`, without a leading slash.
    var files: [String: File] = [:]
    /// Folders are shown as HTML instead of JSON.
    var listsHTML = false
    /// `user:password`, when who asks must say it.
    var login: String?

    func answer(_ request: Request, _ path: String, _ faults: [Fault]) throws(Refusal) -> Reply {
        if let login, request.header("authorization") != "Basic \(base64(Array(login.utf8)))" {
            throw Refusal(401, "Unauthorized")
        }
        if path.isEmpty || path.hasSuffix("/") { return try folder(path, faults) }
        guard let file = files[path] else { throw Refusal(404, "NotFound") }
        if let wanted = request.header("if-match"), wanted != "\"\(file.etag)\"", wanted != "*" {
            throw Refusal(412, "PreconditionFailed")
        }
        return try content(of: file, request)
    }

    private func content(of file: File, _ request: Request) throws(Refusal) -> Reply {
        var reply = Reply(200)
        reply.set("content-type", "application/octet-stream")
        reply.set("etag", "\"\(file.etag)\"")
        reply.set("last-modified", Moments.http(file.modified))
        reply.set("accept-ranges", "bytes")
        let condition = request.header("if-range")
        let holds = condition == nil || condition == "\"\(file.etag)\"" || condition == Moments.http(file.modified)
        if let range = request.header("range"), holds {
            try reply.setRange(range, of: file.bytes)
        } else {
            reply.body = file.bytes
        }
        return reply
    }

    private func folder(_ path: String, _ faults: [Fault]) throws(Refusal) -> Reply {
        var folders: Set<String> = []
        var found: [(name: String, file: File)] = []
        for (name, file) in files where name.hasPrefix(path) {
            let rest = name.dropFirst(path.count)
            if let slash = rest.firstIndex(of: "/") {
                folders.insert(String(rest[..<slash]))
            } else {
                found.append((String(rest), file))
            }
        }
        guard !folders.isEmpty || !found.isEmpty || path.isEmpty else { throw Refusal(404, "NotFound") }
        found.sort { $0.name < $1.name }
        for case .reorderPage in faults { found.reverse() }
        return listsHTML ? html(path, folders.sorted(), found) : json(folders.sorted(), found)
    }

    private func json(_ folders: [String], _ found: [(name: String, file: File)]) -> Reply {
        let entries =
            folders.map {
                JSONValue.object([
                    "name": .string($0), "type": "directory",
                    "mtime": .string(Moments.http(Timestamp(seconds: 1_767_225_600))),
                ])
            }
            + found.map { name, file in
                .object([
                    "name": .string(name), "type": "file", "mtime": .string(Moments.http(file.modified)),
                    "size": .integer(Int64(file.bytes.count)),
                ])
            }
        return Reply(
            200, [Header(name: "content-type", value: "application/json")], body: JSONValue.array(entries).bytes())
    }

    private func html(_ path: String, _ folders: [String], _ found: [(name: String, file: File)]) -> Reply {
        var text =
            "<html>\r\n<head><title>Index of /\(path)</title></head>\r\n<body>\r\n<h1>Index of /\(path)</h1><hr><pre><a href=\"../\">../</a>\r\n"
        for folder in folders {
            text += "<a href=\"\(PercentCode.encode(folder.utf8))/\">\(folder)/</a>   01-Jan-2026 00:00     -\r\n"
        }
        for (name, file) in found {
            text +=
                "<a href=\"\(PercentCode.encode(name.utf8))\">\(name)</a>   \(Moments.nginx(file.modified))  \(file.bytes.count)\r\n"
        }
        text += "</pre><hr></body>\r\n</html>\r\n"
        return Reply(200, [Header(name: "content-type", value: "text/html")], body: Array(text.utf8))
    }
}
