// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
internal import GranaryCore
internal import Testing

/// What every database driver must do, whichever database it drives: one contract, run for each.
public struct DatabaseConformance: Sendable {
    let catalog: Catalog
    let clock: ManualClock

    /// - Parameters:
    ///   - catalog: freshly made and empty.
    ///   - clock: the one that the catalog reads.
    public init(_ catalog: Catalog, clock: ManualClock) {
        self.catalog = catalog
        self.clock = clock
    }

    /// Each is a test of its own.
    public enum Case: String, Sendable, CaseIterable {
        case everyValueComesBack, pathsAreBytes, aThrowingBodyLeavesNothing, aThrowingBodySparesItsNeighbours
        case everyConcurrentWriteLands, aQueryMayRunInsideItself, constraintsRefuse, refusalsAreWords
        case aMoveWritesItsEvent, theSecondMoverLearnsIt, forbiddenMovesAreRefused, eventsAreAppendOnly
        case workIsMadeOnce, claimsFollowPriorityThenAge, workThatIsNotDueWaits, claimersNeverShare
        case aStaleHolderChangesNothing, expiredLeasesAreRescued, theDeadAreRescued, notYetIsNoTry, endedWorkRevives
        case theAuditLogIsAChain, theDatabaseIsSound
    }

    public func check(_ one: Case) async throws {
        switch one {
        case .everyValueComesBack: try await everyValueComesBack()
        case .pathsAreBytes: try await pathsAreBytes()
        case .aThrowingBodyLeavesNothing: try await aThrowingBodyLeavesNothing()
        case .aThrowingBodySparesItsNeighbours: try await aThrowingBodySparesItsNeighbours()
        case .everyConcurrentWriteLands: try await everyConcurrentWriteLands()
        case .aQueryMayRunInsideItself: try await aQueryMayRunInsideItself()
        case .constraintsRefuse: try await constraintsRefuse()
        case .refusalsAreWords: try await refusalsAreWords()
        case .aMoveWritesItsEvent: try await aMoveWritesItsEvent()
        case .theSecondMoverLearnsIt: try await theSecondMoverLearnsIt()
        case .forbiddenMovesAreRefused: try await forbiddenMovesAreRefused()
        case .eventsAreAppendOnly: try await eventsAreAppendOnly()
        case .workIsMadeOnce: try await workIsMadeOnce()
        case .claimsFollowPriorityThenAge: try await claimsFollowPriorityThenAge()
        case .workThatIsNotDueWaits: try await workThatIsNotDueWaits()
        case .claimersNeverShare: try await claimersNeverShare()
        case .aStaleHolderChangesNothing: try await aStaleHolderChangesNothing()
        case .expiredLeasesAreRescued: try await expiredLeasesAreRescued()
        case .theDeadAreRescued: try await theDeadAreRescued()
        case .notYetIsNoTry: try await notYetIsNoTry()
        case .endedWorkRevives: try await endedWorkRevives()
        case .theAuditLogIsAChain: try await theAuditLogIsAChain()
        case .theDatabaseIsSound: try await theDatabaseIsSound()
        }
    }

    var now: Timestamp { catalog.steady.now() }
}

/// Expects a `GranaryError` with that code.
func expectError<Value>(
    _ code: GranaryError.Code, _ body: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async {
    let error = await #expect(throws: GranaryError.self, sourceLocation: sourceLocation) { _ = try await body() }
    #expect(error?.code == code, sourceLocation: sourceLocation)
}
