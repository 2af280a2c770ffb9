// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryTransfer

/// What listings of real servers say, and what hostile ones do not get away with.
@Suite struct ListingScannerTests {
    private let rule = LinkRule(origins: ["http://h:8080"], directory: Array("/data/in/".utf8))

    private static let nginx = """
        <html>\r
        <head><title>Index of /data/in/</title></head>\r
        <body>\r
        <h1>Index of /data/in/</h1><hr><pre><a href="../">../</a>\r
        <a href="sub%20dir/">sub dir/</a>                       21-Nov-2026 03:11                   -\r
        <a href="a%26b%3Fc.nc">a&amp;b?c.nc</a>                 21-Nov-2026 03:11                 123\r
        </pre><hr></body>\r
        </html>\r

        """

    private static let apache = """
        <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
        <html><head><title>Index of /data/in</title></head><body><h1>Index of /data/in</h1>
        <!-- <a href="commented">no</a> --><script>document.write('<a href="script">')</script>
        <table><tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
        <tr><td><a href="/data/">Parent Directory</a></td><td>&nbsp;</td></tr>
        <tr><td><a href="sub%20dir/"><img src="/icons/folder.gif" alt="[DIR]"></a></td><td>
        <A class=x HREF='sub%20dir/' >sub dir/</A></td><td>2026-11-21 03:11 </td></tr>
        <tr><td><a href=a&amp;b%3fc.nc>a</a></td><td>123</td></tr>
        </table><address>Apache/2.4 at <a href="mailto:me@h">h</a></address></body></html>
        """

    private static let plain = """
        <!DOCTYPE HTML><html lang="en"><head><title>Directory listing for /data/in/</title></head><body><ul>
        <li><a href="http://h:8080/data/in/sub%20dir/">sub</a></li>
        <li><a href="/data/in/a&#38;b%3Fc.nc">a</a></li></ul></body></html>
        """

    @Test("listings of nginx, Apache and others say the same", arguments: [nginx, apache, plain])
    func servers(page: String) throws {
        for piece in [1, 7, page.utf8.count] {
            let found = try meanings(Array(page.utf8), piece: piece).filter { $0 != .furniture }
            #expect(Set(found) == [.directory(Array("sub dir".utf8)), .file(Array("a&b?c.nc".utf8))])
        }
    }

    @Test("a listing cut at any byte before its end is none", arguments: [nginx, apache, plain])
    func cuts(page: String) {
        let bytes = Array(page.utf8)
        let end = page.utf8.count - (page == Self.nginx ? 2 : 0)
        for count in 0..<end {
            #expect(throws: GranaryError.self) { try meanings(Array(bytes.prefix(count)), piece: 1000) }
        }
    }

    @Test("a page that is no listing is not an empty one")
    func otherPage() {
        let page = "<html><head><title>Please log in</title></head><body><a href=\"file.nc\">x</a></body></html>"
        #expect(throws: GranaryError.self) { try meanings(Array(page.utf8), piece: 10) }
    }

    @Test(
        "a link to anywhere but into the directory is refused, and seen",
        arguments: [
            "../../etc/passwd", "/etc/passwd", "/data/other/file", "/data/infix", "http://evil/file", "//evil/file",
            "https://h:8080/data/in/file", "http://h:8080.evil/data/in/file", "http://h:80800/data/in/file",
            "http://user@h:8080/data/in/file", "file:///etc/passwd", "javascript:alert(1)", "a?b=c", "a#b", "%2e%2e",
            "%2e%2e/", "..%2fx", "a%2Fb", "a/b", "./../x", "a%00b", "50%", "%zz", "a//", "%2Fetc%2Fpasswd", "data:x",
        ])
    func refused(link: String) {
        let meaning = rule.meaning(of: Array(link.utf8))
        #expect(meaning == .refused(Array(link.utf8)))
        let listed = ListedLine(meaning).map { $0.listed(isExact: false).entry(in: "sub") }
        #expect(listed?.path.isUnsafe == true)
        #expect(listed?.path.description.contains("\(BytePath(link))") == true)
    }

    @Test(
        "what belongs to the page is passed over",
        arguments: [
            "", "?C=N;O=D", "#top", "../", "..", "./", "/", "/data/", "/data/in/", "mailto:a@b", "http://h:8080/",
            "MAILTO:x",
        ])
    func furniture(link: String) { #expect(rule.meaning(of: Array(link.utf8)) == .furniture) }

    @Test(
        "names with what means something elsewhere are names",
        arguments: [
            ("12:30.nc", "12:30.nc"), ("./a:b", "a:b"), ("%3C%3E%22", "<>\""), ("%FF", "\u{FFFD}"), ("...", "..."),
            (".x", ".x"),
        ])
    func names(link: String, name: String) {
        guard case .file(let bytes) = rule.meaning(of: Array(link.utf8)) else { return #expect(Bool(false), "\(link)") }
        #expect(String(decoding: bytes, as: UTF8.self) == name)
    }

    @Test("nginx's JSON is read in pieces of any size, bytes that are no UTF-8 too")
    func json() throws {
        let page =
            Array(
                "[\n{ \"name\":\"sub\", \"type\":\"directory\", \"mtime\":\"Sat, 21 Nov 2026 03:11:37 GMT\" },\n{ \"name\":\"a\\\"\\u000a{}]."
                    .utf8)
            + [0xFF]
            + Array("\", \"type\":\"file\", \"mtime\":\"Sat, 21 Nov 2026 03:11:37 GMT\", \"size\":123 }\n]\n".utf8)
        for piece in [1, 5, page.count] {
            var scanner = IndexScanner()
            var found: [IndexEntry] = []
            for part in pieces(page, piece) { found += try scanner.take(part) }
            try scanner.finish()
            #expect(found.map(\.name) == [Array("sub".utf8), Array("a\"\n{}].".utf8) + [0xFF]])
            #expect(found.map(\.size) == [nil, 123] && found.map(\.type) == ["directory", "file"])
            #expect(ListedLine(found[1]).status?.generation == "123@1795230697")
        }
        for count in 0..<page.count - 1 {
            #expect(throws: GranaryError.self) {
                var scanner = IndexScanner()
                _ = try scanner.take(page.prefix(count))
                try scanner.finish()
            }
        }
    }

    @Test(
        "JSON that is no listing is refused",
        arguments: [
            "{}", "[1]", "[{}]", "[{\"name\":\"a\"}]", "[{\"name\":\"\",\"type\":\"file\"}]", "[{\"name\":{}}]", "null",
            "[]x",
            "[{\"name\":\"a\",\"name\":\"b\",\"type\":\"file\"}]", "[{\"name\" \"a\"}]",
            "[{\"name\":\"\\uD800\",\"type\":\"file\"}]",
        ])
    func badJSON(text: String) {
        #expect(throws: GranaryError.self) {
            var scanner = IndexScanner()
            _ = try scanner.take(text.utf8)
            try scanner.finish()
        }
    }

    @Test("whatever bytes come, scanning ends, and in little memory")
    func noise() {
        let seed = UInt64(20261125)
        var generator = SeededGenerator(seed: seed)
        let letters = Array("<a href=\"x'/>!-script title html &amp; #[]{},:\\u0041\u{0}".utf8)
        for round in 0..<2000 {
            let noise = (0..<200).map { _ in letters[Int(generator.next() % UInt64(letters.count))] }
            _ = try? meanings(noise, piece: 1 + round % 50)
            var scanner = IndexScanner()
            _ = try? scanner.take(noise)
        }
        let endless = Array(repeating: UInt8(ascii: "x"), count: 100_000)
        #expect(throws: GranaryError.self) { try meanings(Array("<a href=\"".utf8) + endless, piece: 1000) }
    }

    private func meanings(_ page: [UInt8], piece: Int) throws -> [LinkRule.Meaning] {
        var scanner = LinkScanner()
        var links: [[UInt8]] = []
        for part in pieces(page, piece) { links += try scanner.take(part) }
        try scanner.finish()
        return links.map(rule.meaning)
    }

    private func pieces(_ bytes: [UInt8], _ size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
    }
}
