// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@Suite("Credentials that rotate") struct RotationTests {
    @Test("credentials are kept until shortly before they expire, then asked for anew")
    func refresh() async throws {
        let clock = ManualClock()
        let source = NumberedCredentials(clock)
        let rotating = RotatingCredentials(source, clock: clock, ahead: .seconds(300))
        #expect(try await rotating.credentials().accessKey == "1")
        clock.advance(by: .seconds(3299))
        #expect(try await rotating.credentials().accessKey == "1")
        clock.advance(by: .seconds(2))
        #expect(try await rotating.credentials().accessKey == "2")
    }

    @Test("while asking fails the old ones serve until they expire, and the source is left alone for a while")
    func failing() async throws {
        let clock = ManualClock()
        let source = NumberedCredentials(clock)
        let rotating = RotatingCredentials(source, clock: clock, ahead: .seconds(300), pause: .seconds(30))
        _ = try await rotating.credentials()
        source.isFailing.withLock { $0 = true }
        clock.advance(by: .seconds(3301))
        for _ in 0..<5 { #expect(try await rotating.credentials().accessKey == "1") }
        #expect(source.calls.withLock { $0 } == 2)
        clock.advance(by: .seconds(31))
        #expect(try await rotating.credentials().accessKey == "1")
        #expect(source.calls.withLock { $0 } == 3)
        clock.advance(by: .seconds(300))
        await #expect(throws: GranaryError.self) { try await rotating.credentials() }
        source.isFailing.withLock { $0 = false }
        #expect(try await rotating.credentials().accessKey == "2")
    }

    @Test("a hundred callers make one question, and all get its answer")
    func oneQuestion() async throws {
        let clock = ManualClock()
        let source = NumberedCredentials(clock)
        let rotating = RotatingCredentials(source, clock: clock)
        let keys = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await rotating.credentials().accessKey } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys == ["1"] && source.calls.withLock { $0 } == 1)
    }

    @Test("credentials that a service calls expired are given up, others are not")
    func renounced() async throws {
        let clock = ManualClock()
        let rotating = RotatingCredentials(NumberedCredentials(clock), clock: clock)
        let first = try await rotating.credentials()
        await rotating.renounce(AWSCredentials(accessKey: "0", secretKey: Secret("")))
        #expect(try await rotating.credentials() == first)
        await rotating.renounce(first)
        #expect(try await rotating.credentials().accessKey == "2")
    }
}

/// Gives `1`, `2`, `3` … each for an hour, or fails.
private final class NumberedCredentials: AWSCredentialSource {
    private let clock: ManualClock
    private let given = Mutex(0)
    let calls = Mutex(0)
    let isFailing = Mutex(false)

    init(_ clock: ManualClock) { self.clock = clock }

    func credentials() async throws -> AWSCredentials {
        calls.withLock { $0 += 1 }
        await Task.yield()
        if isFailing.withLock({ $0 }) {
            throw GranaryError(.credentialsMissing, "no", remedy: "wait", disposition: .retry(after: nil))
        }
        let number = given.withLock { count in
            count += 1
            return count
        }
        return AWSCredentials(
            accessKey: "\(number)", secretKey: Secret("s"), expires: clock.now() + .seconds(3600))
    }
}
