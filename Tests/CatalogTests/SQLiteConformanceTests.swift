// SPDX-License-Identifier: Apache-2.0

import GranaryTesting
import Testing

@Suite("SQLite does what every database must")
struct SQLiteConformanceTests {
    @Test("keeps the contract", arguments: DatabaseConformance.Case.allCases)
    func contract(_ one: DatabaseConformance.Case) async throws {
        let clock = ManualClock()
        let temporary = try TemporaryCatalog(clock: clock)
        try await DatabaseConformance(temporary.catalog, clock: clock).check(one)
        try await temporary.close()
    }
}
