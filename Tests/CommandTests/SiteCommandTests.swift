// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore
import GranaryTesting
import Subprocess
import SystemPackage
import Testing

/// Laying out, checking, running and stopping a site, as its owner does.
@Suite struct SiteCommandTests {
    private let base: TemporaryDirectory
    private var home: String { base.file("home") }

    init() throws { base = try TemporaryDirectory() }

    private func granary(_ arguments: String...) async throws -> GranaryBinary.Outcome {
        try await GranaryBinary.run(arguments + ["--home", home])
    }

    /// A home whose configuration is this text.
    private func write(_ text: String) throws {
        try FileManager.default.createDirectory(atPath: home + "/staging", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: home + "/granary.yaml"))
    }

    @Test("what init lays out is valid, takes a file in, runs its rule, and leaves nothing to do")
    func firstSite() async throws {
        #expect(try await GranaryBinary.run(["init", home]).code == 0)
        #expect(try await granary("check").code == 0)
        let name = "EXAMPLE_L1_20261121T031137.nc"
        try Data("hello".utf8).write(to: URL(filePath: "\(home)/staging/\(name)"))
        let digest = Checksum(.md5, of: Array("hello".utf8)).hex
        try Data(digest.utf8).write(to: URL(filePath: "\(home)/staging/\(name).md5"))
        #expect(try await granary("serve", "--until-idle").code == 0)
        let list = try await granary(
            "granule", "list", "--state", "archived", "--fields", "name,verification", "-o", "csv")
        #expect(Set(list.records.dropFirst().map(\.last)) == ["provider", "self"])
        #expect(try await granary("check", "catalog").code == 0)
        let log = try? FileManager.default.attributesOfItem(atPath: home + "/catalog.sqlite-wal")[.size] as? Int
        #expect(log ?? 0 == 0, "a catalog at rest is one file")
    }

    @Test("SIGTERM ends a service in good order: its node is marked as stopped, its socket is gone")
    func stops() async throws {
        try write("site: test\nwatchers: [{name: inbound, directory: staging}]\n")
        let script = """
            "$1" serve --home "$2" 2>/dev/null & service=$!
            until [ -S "$2/granary.sock" ]; do sleep 0.05; done
            kill -TERM $service; wait $service
            """
        let ended = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", script, "sh", try BuiltProgram.path(), home], output: .discarded,
            error: .string(limit: 1 << 16))
        #expect(ended.terminationStatus == .exited(0), "\(ended.standardError)")
        #expect(!FileManager.default.fileExists(atPath: home + "/granary.sock"))
        let status = try await granary("status")
        #expect(status.output.contains("stopped in good order"), "\(status)")
    }

    @Test(
        "a configuration that cannot be meant is refused with its place and a remedy",
        arguments: [
            ("site: t\nwatchers: [{name: a, directory: .}]", "watchers[0].directory"),
            ("site: t\narchive: staging/archive\nwatchers: [{name: a, directory: staging}]", "watchers[0].directory"),
            ("site: t\nwatchrs: []", "did you mean watchers?"),
            ("site: t\nwatchers: [{name: a, directory: staging, settle: {looks: 0}}]", "watchers[0].settle.looks"),
            ("site: t\nrules: [{name: r, process: nothing}]", "rules[0].process"),
            (
                "site: t\ncollections: [{name: C, version: '1', files: [{pattern: '('}]}]",
                "collections[0].files[0].pattern"
            ),
            ("site: t\nsite: u", "duplicated"),
            ("- 1", "expected keys and values"),
        ])
    func refused(text: String, place: String) async throws {
        try write(text)
        let outcome = try await granary("check")
        #expect(outcome.code == 78, "\(outcome)")
        #expect(outcome.error.contains(place), "\(outcome.error)")
        #expect(outcome.error.contains("do: "))
    }
}
