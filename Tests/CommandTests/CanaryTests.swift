// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore
import Testing

/// No secret turns up anywhere: one is planted wherever a secret may stand, the real program works with all of them, and
/// all that it leaves behind is searched.
@Suite struct CanaryTests {
    @Test("no secret is in logs, output, the site's files, the ledger, a job's surroundings or the list of processes")
    func nowhere() async throws {
        let planted = try await CanarySite()
        let (site, canaries) = (planted.site, planted.canaries)
        let shown = try await site.serve { process in
            try await site.until("the files of servers that take the secret") {
                await site.count(archivedFiles) == planted.accepted.count
            }
            for watcher in planted.refused {
                try await site.until("a complaint of \(watcher)") { site.log.contains("watcher \(watcher) could not") }
            }
            try await site.until("sends and jobs") { await site.count(outcomes) >= 10 }
            let lines = commandLines(of: process)
            #expect(String(decoding: lines, as: UTF8.self).contains("serve") && canaries.found(in: lines) == [])
            return try await outputs(of: site, while: "serving")
        }
        for (command, text) in try await shown + outputs(of: site, while: "stopped") {
            #expect(canaries.found(in: text) == [], "\(command)")
        }
        #expect(canaries.found(in: site.log) == [])
        #expect(canaries.found(in: site.output) == [])
        #expect(try canaries.found(below: site.home) == [])
        #expect(try looks(site).count == planted.accepted.count)
    }

    @Test("the search finds a secret in every form that it looks for")
    func search() throws {
        var canaries = Canaries()
        canaries.real = ["sesame"]
        let secret = canaries.secret("x")
        #expect(canaries.found(in: "a \(secret) b") == [canaries.mark])
        for shift in 0..<3 {
            let text = String(repeating: "u", count: shift) + ":" + secret + "yz"
            #expect(canaries.found(in: Data(text.utf8).base64EncodedString()) == [canaries.mark])
        }
        #expect(canaries.found(in: Data(secret.utf8).map { String(format: "%02X", $0) }.joined()) == [canaries.mark])
        #expect(canaries.found(in: "opened by sesame-seed") == ["sesame"])
        #expect(canaries.found(in: "nothing") == [])
    }

    /// Every command that reads, in every format, with what it said on either stream.
    private func outputs(of site: ServedSite, while moment: String) async throws -> [(String, String)] {
        var all: [(String, String)] = []
        for command in Self.commands {
            for format in ["table", "json", "jsonl", "csv"] {
                let outcome = try await site.run(command + ["-o", format])
                #expect(outcome.code == 0, "\(command) \(outcome.error)")
                all.append(("\(command) \(format) \(moment)", outcome.output + outcome.error))
            }
        }
        for command in [["check"], ["check", "catalog"], ["job", "logs", "1"]] {
            let outcome = try await site.run(command)
            all.append(("\(command) \(moment)", outcome.output + outcome.error))
        }
        return all
    }

    private static let commands = [
        ["status"], ["granule", "list"], ["granule", "show", "1"], ["granule", "trace", "1"], ["quarantine", "list"],
        ["job", "list"], ["job", "show", "1"], ["delivery", "list"], ["delivery", "show", "1"],
        ["report", "accountability"], ["report", "delivery"],
    ]

    /// What `ps` shows of the service and of all that it started.
    private func commandLines(of service: pid_t) -> Data {
        let own = FileManager.default.contents(atPath: "/proc/\(service)/cmdline") ?? Data()
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(service)/task")) ?? []
        let children = tasks.flatMap { task in
            let list = FileManager.default.contents(atPath: "/proc/\(service)/task/\(task)/children") ?? Data()
            return String(decoding: list, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
        }
        return children.reduce(own) { $0 + commandLines(of: $1) }
    }

    /// What the jobs saw, one text for each.
    private func looks(_ site: ServedSite) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: site.home).filter { $0.hasSuffix("_stdout.txt") }.map {
            String(decoding: FileManager.default.contents(atPath: "\(site.home)/\($0)") ?? Data(), as: UTF8.self)
        }.filter { $0.contains("looked") && $0.contains("PATH=") }
    }
}

/// Failed jobs, and sends that were tried.
private let outcomes = """
    SELECT (SELECT COUNT(*) FROM job WHERE state = 'failed') + (SELECT COUNT(*) FROM submission_attempt) AS n
    """
