// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

/// Two real sites, a provider and its archive, are killed while they work, and must end as if nobody had touched them.
///
/// What they must end as is said by `Tests/tools/naive-checker.py`, which shares no code with them. One after another:
/// each of these keeps a small machine busy by itself. When one fails, its folder stays, and its output names it.
@Suite(.serialized) struct KillTests {
    @Test("killed a hundred times at random moments, two sites lose nothing and do nothing twice")
    func randomMoments() async throws {
        let seed = UInt32.random(in: .min ... .max)
        let ended = try await BuiltProgram.tool(
            "kill-test.py", ["--cycles", "100", "--seed", String(seed)])
        print(ended.output)
        #expect(ended.status == 0, "seed \(seed):\n\(ended.output)")
    }

    @Test("a death between any two durable steps is made good by the next start", arguments: CrashPoint.allCases)
    func crashPoints(_ point: CrashPoint) async throws {
        let ended = try await BuiltProgram.tool(
            "kill-test.py",
            ["--crash-points", "--only", point.rawValue, "--visits", "1,2", "--seed", "1"])
        #expect(ended.status == 0, "\(ended.output)")
    }
}
