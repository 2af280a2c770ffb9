// SPDX-License-Identifier: Apache-2.0

import Testing

/// Habits that a reader may rely on everywhere. An exception is listed here, with its reason, or it is a fault.
@Suite("Habits") struct HabitTests {
    @Test("every source file opens with its licence")
    func licence() throws {
        let files = try Tree.files(in: "Sources", ".swift", ".c", ".h", ".modulemap") + Tree.swift(in: "Tests")
        #expect(
            files.filter { !($0.lines.first ?? "").hasPrefix("// SPDX-License-Identifier: Apache-2.0") }.map(\.path)
                == [])
    }

    @Test("no file is longer than 300 lines")
    func length() throws {
        let files = try Tree.swift(in: "Sources") + Tree.swift(in: "Tests")
        #expect(files.filter { $0.lines.count > 301 }.map(\.path) == [])
    }

    @Test("nothing prints: commands write through one function, which survives a reader that has gone away")
    func printing() throws {
        // A function of our own may be called so; it throws, which the library's does not.
        #expect(try places(of: #"(?<!try )(?<!func )(?<![\w.])(print|debugPrint|NSLog)\("#) == [])
    }

    @Test("no force: no try!, no as!, no implicit end of the program on bad input")
    func force() throws {
        #expect(try places(of: #"\btry!|\bas!|\bfatalError\("#) == [])
    }

    @Test(
        "no Foundation where it loses files, follows entities, backtracks without end, or asks a clock of its own",
        arguments: [
            #"\.write\(to:"#, #"copyItem\("#, "XMLDocument", "XMLParser", #"\bRegex\("#, "FoundationNetworking",
            #"\bDate\(\)"#,
            "JSONDecoder", "JSONEncoder",
        ])
    func foundation(_ pattern: String) throws {
        #expect(try places(of: pattern) == [])
    }

    @Test("Foundation is imported by what tests stand on alone")
    func foundationImports() throws {
        let files = try Tree.swift(in: "Sources").filter { !$0.places(of: #"^(\w+ )?import Foundation"#).isEmpty }.map(
            \.path)
        #expect(files.filter { !$0.hasPrefix("Sources/Testing/") } == [])
    }

    @Test(
        "what the compiler cannot check is rare: a compiled pattern, a monitor, a ring of buffers, a handle of libcurl, a dispatch source"
    )
    func unchecked() throws {
        let files = try Tree.swift(in: "Sources").filter {
            !$0.places(of: #"@unchecked Sendable|nonisolated\(unsafe\)"#).isEmpty
        }
        #expect(
            Set(files.map(\.path)) == [
                "Sources/Core/Pattern.swift", "Sources/Transfer/Monitor.swift", "Sources/Transfer/ChunkRing.swift",
                "Sources/Transfer/Curl/CurlLoop.swift", "Sources/Ingest/Watch/StagingNotices.swift",
            ])
        #expect(try places(of: #"@unchecked Sendable"#).count == 2)
    }

    @Test("a task without a parent exists only to end what a cancelled job has left running")
    func unstructured() throws {
        let files = try Tree.swift(in: "Sources").filter { !$0.places(of: #"\bTask(\.detached)? ?\{"#).isEmpty }
        #expect(
            Set(files.map(\.path)) == [
                "Sources/Processing/Running/CommandRunner.swift", "Sources/Processing/Running/Supervision.swift",
            ])
    }

    @Test("nothing is put off: no note to come back later")
    func later() throws {
        let notes = #"\b(TODO|FIXME|XXX|HACK)\b"#
        #expect(
            try Tree.swift(in: "Sources").filter { !((try? $0.matches(of: "(\(notes))")) ?? []).isEmpty }.map(\.path)
                == [])
    }

    private func places(of pattern: String) throws -> [String] {
        try Tree.swift(in: "Sources").flatMap { $0.places(of: pattern) }
    }
}
