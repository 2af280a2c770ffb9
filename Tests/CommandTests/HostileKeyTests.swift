// SPDX-License-Identifier: Apache-2.0

import FaultServer
import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

/// A bucket may hold keys that are no paths. Each becomes a row with its reason, and is never fetched.
@Suite struct HostileKeyTests {
    private static let hostile = [
        "in//x_1.nc", "in/a//x_2.nc", "in/./x_3.nc", "in/a/./x_4.nc", "in/../x_5.nc", "in/a/../../../x_6.nc", "in/..",
        "in/.", "in/a/../x_7.nc", "in///x_8.nc", "in/x_9.nc/", "in/x_10\u{1B}[2J.nc", "in/x_11\n.nc",
    ]

    @Test("keys with empty parts, “.”, “..” and control characters are rejected with a reason, and never read")
    func rejected() async throws {
        let server = try FaultServer()
        server.put(pattern(10, 1), bucket: "b", keys: Self.hostile + ["in/x_good.nc", "other/x_12.nc"])
        server.put([], bucket: "b", keys: ["in/folder/"])
        let site = try ServedSite(
            """
            servers:
              - {name: s, endpoint: "\(server.url)", credentials: {access-key: {file: ../key}, secret-key: {file: ../secret}}}
            watchers:
              - {name: bucket, source: "s3://b/in", server: s, interval: 1s, afterwards: delete}
            """)
        try site.write(server.keys.accessKey, to: "key")
        try site.write(server.keys.secretKey, to: "secret")
        try await site.serve { _ in
            try await site.until("the good one") { await site.count(archivedFiles) == 1 }
            try await site.until("its source removed") { server.object("in/x_good.nc", bucket: "b") == nil }
        }
        let rows = try await site.read { session in
            try session.query("SELECT path, state, reason_code, reason, remedy FROM arrival").map { row in
                [
                    try row.path("path").description, try row.text("state"), try row.optionalText("reason_code") ?? "",
                    try row.optionalText("reason") ?? "", try row.optionalText("remedy") ?? "",
                ]
            }
        }
        let expected = Self.hostile.map { "\(BytePath($0.dropFirst(3).utf8)) rejected" }
        #expect(
            Set(rows.map { "\($0[0]) \($0[1])" }) == Set(expected + ["x_good.nc archived", "folder/ ignored"]))
        #expect(
            rows.filter { $0[1] == "rejected" }.allSatisfy {
                $0[2].hasPrefix("name.") && !$0[3].isEmpty && !$0[4].isEmpty
            })
        #expect(server.faults.calls(.getObject) == 1)
        #expect(Set(server.keys(bucket: "b")) == Set(Self.hostile + ["other/x_12.nc", "in/folder/"]))
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: site.base.path).filter { $0.contains("x_") }.allSatisfy
            { $0.contains("good") })
    }
}
