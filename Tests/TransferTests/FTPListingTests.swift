// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@testable import GranaryTransfer

@Suite("Lines of servers' listings") struct FTPListingTests {
    @Test(
        "a line of ls -l gives kind, size and the whole name",
        arguments: [
            ("-rw-r--r--    1 ftp      ftp             5 Nov 25 13:48 a.txt", "a.txt", StoreEntry.Kind.file, Int64(5)),
            ("-rw-r--r--    1 ftp      ftp             5 Nov 25  2025   two lead", "  two lead", .file, 5),
            ("drwxrwxrwx    2 ftp      ftp          4096 Nov 25 13:48 sub dir ", "sub dir ", .directory, 4096),
            ("lrwxrwxrwx    1 root     root           11 Nov 25 13:52 link -> /etc/passwd", "link", .symbolicLink, 11),
            ("-rw-r--r-- 1 Jan 12 5 Nov 25 13:48 x 7 Dec 24 10:10 y", "x 7 Dec 24 10:10 y", .file, 5),
            ("-rw-r--r-- 1 user 9999999999 Nov 25 13:48 nogroup", "nogroup", .file, 9_999_999_999),
            ("-rw-r--r--+ 1 u g 5 2026-11-25 13:48 iso", "iso", .file, 5),
            ("crw-rw-rw-    1 root     root        1,   3 Nov 25 13:48 null", "null", .device, 3),
            ("prw-r--r--    1 root     root            0 Nov 25 13:52 new\nline", "new\nline", .pipe, 0),
            ("-rw-r--r-- 1 a b 5 Nov 25 13:48 ../../etc", "../../etc", .file, 5),
        ])
    func unix(_ line: String, _ name: String, _ kind: StoreEntry.Kind, _ size: Int64) throws {
        let listed = try #require(try UnixListing.name(of: Array(line.utf8)))
        #expect(listed.name == Array(name.utf8) && listed.kind == kind && listed.size == size)
    }

    @Test(
        "a line that is not understood is an error, never nothing",
        arguments: [
            "", "line", "ls: cannot open directory", "-rw-r--r-- 1 a b 5 Nov 25 13:48 ",
            "-rw-r--r-- 1 a b x Nov 25 13:48 y",
            "?rw-r--r-- 1 a b 5 Nov 25 13:48 y", "-rw-r--r-- 1 a b 5 Nov 32 13:48 y", "total some",
        ])
    func notUnderstood(_ line: String) {
        #expect(throws: GranaryError.self) { try UnixListing.name(of: Array(line.utf8)) }
    }

    @Test("a total is no name")
    func total() throws {
        #expect(try UnixListing.name(of: Array("total 12".utf8)) == nil)
    }

    @Test("facts of MLSD give exact sizes and times")
    func facts() throws {
        let line = "Type=file;Size=5;Modify=20261125134847.123;UNIX.mode=0644; a b;c=d"
        let listed = try #require(try MachineListing.name(of: Array(line.utf8)))
        #expect(listed.name == Array("a b;c=d".utf8) && listed.kind == .file)
        #expect(listed.status?.generation == "5@1795614527")
        #expect(try MachineListing.name(of: Array("type=cdir;modify=20261125134847; .".utf8)) == nil)
        #expect(try MachineListing.name(of: Array("type=OS.unix=slink:/x; l".utf8))?.kind == .symbolicLink)
        #expect(try MachineListing.name(of: Array("type=file;size=5; f".utf8))?.status == nil)
        for line in ["type=file;size=5;", "nofacts", " name", "size=5; name"] {
            #expect(throws: GranaryError.self) { try MachineListing.name(of: Array(line.utf8)) }
        }
    }

    @Test("a name that is a path becomes one that nothing fetches", arguments: ["../x", "/etc/passwd", "a/b", "/"])
    func hostileNames(_ name: String) {
        let listed = ListedName(name: Array(name.utf8), kind: .file, size: 1, stamp: "")
        #expect(listed.path(in: "dir").isUnsafe && listed.path(in: "").isUnsafe)
    }

    @Test("lines are found however the bytes are cut")
    func splitting() throws {
        let text = Array("one\r\ntwo\n\r\nthree\r\n".utf8)
        for size in 1...text.count {
            var splitter = LineSplitter(.lineBreaks)
            var lines: [[UInt8]] = []
            for start in stride(from: 0, to: text.count, by: size) {
                lines += try Array(text[start..<min(start + size, text.count)]).withUnsafeBytes {
                    try splitter.take($0)
                }
            }
            try splitter.finish()
            #expect(lines == ["one", "two", "three"].map { Array($0.utf8) })
        }
        var cut = LineSplitter(.lineBreaks)
        _ = try Array("one\r\ntw".utf8).withUnsafeBytes { try cut.take($0) }
        #expect(throws: GranaryError.self) { try cut.finish() }
    }

    @Test("a long listing is kept on disk and comes back line by line, in order")
    func spooling() throws {
        let spool = ListingSpool(.pieces)
        let lines = (0..<20_000).map { Array("line \($0)".utf8) }
        for line in lines { try (line + [10]).withUnsafeBytes { try spool.write($0) } }
        var back: [[UInt8]] = []
        while case let some = try spool.next(999), !some.isEmpty { back += some }
        #expect(back == lines)
    }
}
