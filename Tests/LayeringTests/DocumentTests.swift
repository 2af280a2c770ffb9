// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Pages that list what the code has are held against the code, in both directions.
@Suite("Documents") struct DocumentTests {
    @Test("every reason code of the sources has a row in docs/operating.md, and every row a code")
    func reasonCodes() throws {
        let code = #""([a-z-]+\.[a-z0-9-]+)""#
        let raised = try found(
            #"(?:Reason|GranaryError|self\.init)\(\s*"# + code, #"Code = "# + code, #": Self = "# + code)
        // Made from the kind of a directory entry; a folder is listed only where the tree is too deep to go on.
        let kinds: Set = ["kind.directory", "kind.symbolic-link", "kind.pipe", "kind.socket", "kind.device"]
        #expect(try rows("docs/operating.md").symmetricDifference(raised.union(kinds)) == [])
    }

    @Test("every exit code of the sources is in docs/exit-codes.md")
    func exitCodes() throws {
        let listed = Set(try Tree.file("docs/exit-codes.md").matches(of: #"(?m)^\| (\d+) \|"#).map { $0[0] })
        let used = try found(#"ExitCode\((\d+)\)"#)
        #expect(used.subtracting(listed) == [])
        #expect(listed.subtracting(used) == ["0", "1", "64"], "what the parser of commands gives by itself")
    }

    @Test("every table, view and invariant of the ledger is in docs/catalog.md")
    func ledger() throws {
        let made = try found(#"CREATE (?:TABLE|VIEW) (\w+)"#, in: "Sources/Catalog/Schema")
        let rules = try found(#"CatalogRule\(\s*"([a-z.]+)""#, in: "Sources/Catalog/Check")
        let listed = try rows("docs/catalog.md")
        #expect(made.union(rules).subtracting(listed) == [])
    }

    @Test("every place where a test may end the process is in docs/testing.md")
    func crashPoints() throws {
        let points = try found(#"case \w+ = "([a-z]+\.[a-z-]+)""#, in: "Sources/Core/CrashPoint.swift")
        #expect(!points.isEmpty)
        #expect(try rows("docs/testing.md").symmetricDifference(points) == [])
    }

    @Test("a promise that names a test names one that is there")
    func promises() throws {
        let tests = try Tree.swift(in: "Tests").map(\.text).joined(separator: "\n")
        let table = try Tree.file("docs/PROMISES.md").lines.filter { $0.hasPrefix("| P") || $0.hasPrefix("| N") }
            .joined(separator: "\n")
        let (suites, names) = (#"`(\w+Tests)`"#, "“([^”…]+)…?”")
        for group in try TextFile(path: "", text: table).matches(of: "\(suites)|\(names)") {
            let isThere = tests.contains(group[0].hasSuffix("Tests") ? "struct \(group[0])" : group[0])
            #expect(isThere, "\(group[0])")
        }
    }

    @Test("a source file that a page names is there")
    func files() throws {
        let known = try Tree.swift(in: "Sources") + Tree.swift(in: "Tests")
        for page in try Tree.files(in: "docs", ".md") + [try Tree.file("ARCHITECTURE.md")] {
            for name in try page.matches(of: #"`([\w/+]+\.swift)`"#) where name[0] != "Package.swift" {
                #expect(known.contains { "/\($0.path)".hasSuffix("/\(name[0])") }, "\(page): \(name[0])")
            }
        }
    }

    @Test("a link from one page to another leads to a page that is there")
    func links() throws {
        let pages =
            try Tree.files(in: "docs", ".md")
            + ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(Tree.file)
        for page in pages {
            for link in try page.matches(of: #"\]\(([^)#:]+)(?:#[^)]*)?\)"#) {
                let folder = (page.path as NSString).deletingLastPathComponent
                #expect(
                    Tree.exists(((folder as NSString).appendingPathComponent(link[0]) as NSString).standardizingPath),
                    "\(page): \(link[0])")
            }
        }
    }

    /// What the first groups of the patterns hold, in all files of a folder, or in one file.
    private func found(_ patterns: String..., in place: String = "Sources") throws -> Set<String> {
        let files = place.hasSuffix(".swift") ? [try Tree.file(place)] : try Tree.swift(in: place)
        return Set(try patterns.flatMap { pattern in try files.flatMap { try $0.matches(of: pattern).map { $0[0] } } })
    }

    /// The first cells of the rows of a page's tables, where they are code: `` | `name` | … ``.
    private func rows(_ path: String) throws -> Set<String> {
        Set(try Tree.file(path).matches(of: #"(?m)^\| `([\w.-]+)` \|"#).map { $0[0] })
    }
}
