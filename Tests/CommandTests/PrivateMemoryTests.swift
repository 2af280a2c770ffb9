// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import GranaryCore
import GranaryTesting
import Subprocess
import SystemPackage
import Testing

/// What others on the machine see of the service. As root, the service runs as nobody: root sees everything.
@Suite struct PrivateMemoryTests {
    @Test(
        "the service leaves no core file, and nobody but root reads its environment or memory",
        arguments: [false, true])
    func hidden(isForDebuggers: Bool) async throws {
        var site = try ServedSite("")
        site.environment = ["MARK": "visible-in-environ"]
        if isForDebuggers { site.environment["GRANARY_DUMPABLE"] = "1" }
        if getuid() == 0 {
            site.launcher = setpriv
            for file in [site.home, site.base.path] { chown(file, nobody, nobody) }
        }
        try await site.serve { [site] process in
            try await site.until("an answer") {
                (try? await site.run(["status", "-o", "json"]).json())?["running"] == true
            }
            var status = stat()
            #expect(stat("/proc/\(process)/environ", &status) == 0)
            #expect((status.st_uid == 0) == !isForDebuggers)
            let limits = String(
                decoding: FileManager.default.contents(atPath: "/proc/\(process)/limits") ?? Data(), as: UTF8.self)
            let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
            let isNone = core.split(separator: " ").filter { $0 == "0" }.count == 2
            #expect(isNone || isForDebuggers, "\(core)")
            let seen = try await environ(of: process)
            #expect(seen.contains("visible-in-environ") == isForDebuggers)
        }
    }

    /// What a process of the service's own user reads there.
    private func environ(of process: pid_t) async throws -> String {
        let command = (getuid() == 0 ? setpriv : ["/usr/bin/env"]) + ["/bin/cat", "/proc/\(process)/environ"]
        let result = try await Subprocess.run(
            .path(FilePath(command[0])), arguments: Arguments(Array(command.dropFirst())),
            output: .string(limit: 1 << 16),
            error: .discarded)
        return result.standardOutput
    }
}

private let nobody: uid_t = 65534
private let setpriv = ["/usr/bin/setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"]
