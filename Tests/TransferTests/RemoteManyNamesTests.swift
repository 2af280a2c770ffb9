// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryTransfer

/// Servers that show a million files, by sftp, ftp and http.
@Suite struct RemoteManyNamesTests {
    @Test("a million names in one folder, as sftp gives them, come each once, in memory that does not grow with them")
    func sftp() async {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let files = try ManyFiles(.pieces, folders: 1, each: manyEntries)
            try await list(RemoteTree(files: files).entries(), "sftp, one folder")
        }
        print(String(decoding: ended?.standardOutputContent ?? [], as: UTF8.self))
    }

    @Test("a million names in a thousand folders, as ftp gives them, likewise")
    func ftp() async {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let files = try ManyFiles(.lineBreaks, folders: 1000, each: manyEntries / 1000)
            try await list(RemoteTree(files: files).entries(), "ftp, a thousand folders")
        }
        print(String(decoding: ended?.standardOutputContent ?? [], as: UTF8.self))
    }

    @Test("a million files in a listing in JSON, from a web server, likewise")
    func json() async {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let server = try ScriptedServer { request, connection in
                guard request.method == "GET" else {
                    return connection.write(answerHead(200, ["Content-Length: 5", "Last-Modified: \(date)"]))
                }
                connection.answer(inChunks: "application/json", manyEntries, "[", "]") { number in
                    (number == 0 ? "" : ",")
                        + "{\"name\":\"\(number)-granule.nc\",\"type\":\"file\",\"mtime\":\"\(date)\",\"size\":5}\n"
                }
            }
            try await list(HTTPStore(server.url + "/data", access: ServerAccess()).entries(), "http, JSON")
        }
        print(String(decoding: ended?.standardOutputContent ?? [], as: UTF8.self))
    }

    @Test("a million links of a page in HTML are kept aside, and come each once, in little memory")
    func html() async {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let server = try ScriptedServer { _, connection in
                let head = "<html><head><title>Index of /data/</title></head><body><a href=\"../\">../</a>\n"
                connection.answer(inChunks: "text/html", manyEntries, head, "</body></html>") {
                    "<a href=\"\($0)-granule.nc\">\($0)-granule.nc</a>  01-Jan-2026 00:00  5\n"
                }
            }
            let place = try RemotePlace(
                server.url + "/data", scheme: "http", access: ServerAccess(), engine: CurlEngine.shared)
            var (roll, memory) = (Roll(manyEntries), ResidentMemory())
            let spool = ListingSpool(.pieces)
            let files = HTTPFiles(place)
            try await files.list("", into: spool)
            try spool.finish()
            memory.look()
            while case let lines = try spool.next(1000), !lines.isEmpty {
                for line in lines { try #require(roll.tick(try files.name(of: line).flatMap { number($0.name) })) }
                memory.look()
            }
            print("http, HTML: \(roll.count) names, memory grew by \(memory.growth >> 10) KiB")
            #expect(roll.count == manyEntries && memory.growth < growthAllowed)
        }
        print(String(decoding: ended?.standardOutputContent ?? [], as: UTF8.self))
    }
}

private let date = "Thu, 01 Jan 2026 00:00:00 GMT"

/// `17-granule.nc`: 17.
private func number(_ name: [UInt8]) -> Int? {
    Int(String(decoding: name.prefix { $0 != UInt8(ascii: "-") }, as: UTF8.self))
}

private func list(_ entries: AsyncThrowingStream<[StoreEntry], any Error>, _ what: String) async throws {
    var (roll, memory) = (Roll(manyEntries), ResidentMemory())
    for try await page in entries {
        for entry in page { try #require(entry.size == 5 && roll.tick(number(entry.path.name.bytes)), "\(entry)") }
        memory.look()
    }
    print("\(what): \(roll.count) names, memory grew by \(memory.growth >> 10) KiB")
    #expect(roll.count == manyEntries && memory.growth < growthAllowed)
}

/// Folders of files that a server makes up while it lists them.
private struct ManyFiles: RemoteFiles {
    let place: RemotePlace
    let framing: LineSplitter.Framing
    let folders: Int
    let each: Int

    init(_ framing: LineSplitter.Framing, folders: Int, each: Int) throws {
        place = try RemotePlace(
            "sftp://127.0.0.1/data", scheme: "sftp", access: ServerAccess(), engine: CurlEngine.shared)
        (self.framing, self.folders, self.each) = (framing, folders, each)
    }

    func canSay(_ path: BytePath) -> Bool { true }

    func list(_ directory: BytePath, into sink: any ByteSink) async throws {
        guard folders > 1, directory.bytes.isEmpty else {
            let first = (Int(directory.text ?? "") ?? 0) * each
            return try write("-rw-r--r--", (first..<first + each).lazy.map { "\($0)-granule.nc" }, to: sink)
        }
        try write("drwxr-xr-x", (0..<folders).lazy.map { String($0) }, to: sink)
    }

    private func write(_ mode: String, _ names: some Sequence<String>, to sink: any ByteSink) throws {
        for name in names {
            let line = Array("\(mode)   1 sds      sds             5 Jan  1  2026 \(name)\n".utf8)
            try line.withUnsafeBytes { try sink.write($0) }
        }
    }

    func name(of line: [UInt8]) throws -> ListedName? { try UnixListing.name(of: line) }
    func look(at path: BytePath) async throws -> RemoteStatus? { RemoteStatus(size: 5, modified: 1) }
    func delete(_ path: BytePath) async throws {}
    func fetch(
        _ path: BytePath, from offset: Int64, to sink: any ByteSink,
        check: @escaping @Sendable (RemoteStatus) throws -> Void
    ) async throws {}
}

extension ScriptedConnection {
    /// An answer of so many parts, which nobody ever holds as a whole.
    fileprivate func answer(
        inChunks type: String, _ count: Int, _ head: String, _ tail: String, _ part: (Int) -> String
    ) {
        write(answerHead(200, ["Content-Type: \(type)", "Transfer-Encoding: chunked"]))
        var block = head
        for number in 0..<count {
            block += part(number)
            if block.utf8.count > 32 << 10 { write(chunk: &block) }
        }
        block += tail
        write(chunk: &block)
        write("0\r\n\r\n")
    }

    private func write(chunk: inout String) {
        write(String(chunk.utf8.count, radix: 16) + "\r\n" + chunk + "\r\n")
        chunk = ""
    }
}
