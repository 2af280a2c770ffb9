// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCatalog
import GranaryCore
import SystemPackage

/// Shows how far something has come while it runs: one line that is written over, four times a second, on a terminal only.
struct Progress: Sendable {
    let home: HomeOption

    /// Runs the body with the line below it; without a terminal just the body.
    func whileRunning<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        guard isatty(STDERR_FILENO) == 1 else { return try await body() }
        defer { overwrite("") }
        // Cancelled and awaited when this scope ends, as every `async let` is.
        async let _ = show()
        return try await body()
    }

    /// Ends when it is cancelled, as it is when the body has ended.
    private func show() async {
        let clock = SystemClock()
        let began = clock.uptime()
        var first: ArrivalCounts?
        while !Task.isCancelled {
            if let counts = try? await home.reading({ try $0.arrivalCounts() }) {
                first = first ?? counts
                overwrite(counts.line(since: first ?? counts, seconds: (clock.uptime() - began).seconds))
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    private func overwrite(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll("\r\u{1B}[K\(text)".utf8)
    }
}

/// How many files and bytes are through, of how many seen.
struct ArrivalCounts: Sendable {
    var seen = 0
    var ended = 0
    var bytesEnded: Int64 = 0

    /// `1,234 of 20,000 files (6 %), 12.3 MB/s, 40 s left`
    func line(since first: ArrivalCounts, seconds: Double) -> String {
        let share = seen == 0 ? 0 : ended * 100 / seen
        let rate = Double(bytesEnded - first.bytesEnded) / max(seconds, 0.25) / 1_000_000
        let pace = Double(ended - first.ended) / max(seconds, 0.25)
        let left = pace > 0 ? ", \(Int(Double(seen - ended) / pace)) s left" : ""
        return "\(ended) of \(seen) files (\(share) %), \(Int(rate * 10) / 10) MB/s\(left)"
    }
}

extension SQLSession {
    fileprivate func arrivalCounts() throws -> ArrivalCounts {
        let row = try first(
            """
            SELECT COUNT(*) AS seen, COUNT(ended_at) AS ended,
                COALESCE(SUM(CASE WHEN ended_at IS NOT NULL THEN size END), 0) AS bytes FROM arrival
            """)
        guard let row else { return ArrivalCounts() }
        return ArrivalCounts(seen: try row.int("seen"), ended: try row.int("ended"), bytesEnded: try row.int64("bytes"))
    }
}
