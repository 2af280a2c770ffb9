// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// Keeps what another source gives, and asks it again before that expires.
///
/// One caller at a time asks; the others use the old credentials while those last, and wait when they don't. When asking
/// fails, the old ones are used until they expire, and the source is left alone for `pause`.
public actor RotatingCredentials: AWSCredentialSource {
    private let source: any AWSCredentialSource
    private let clock: any WallClock
    private let ahead: Duration
    private let pause: Duration
    private var current: AWSCredentials?
    private var notBefore: Timestamp?
    private var isAsking = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter ahead: how long before they expire new ones are asked for.
    public init(
        _ source: any AWSCredentialSource, clock: any WallClock = SystemClock(), ahead: Duration = .seconds(300),
        pause: Duration = .seconds(30)
    ) {
        self.source = source
        self.clock = clock
        self.ahead = ahead
        self.pause = pause
    }

    public func credentials() async throws -> AWSCredentials {
        while true {
            let now = clock.now()
            if let current, lasts(current, until: now + ahead) { return current }
            let isUsable = current.map { lasts($0, until: now) } ?? false
            if let current, isUsable, isAsking || now < (notBefore ?? now) { return current }
            if !isAsking { return try await ask(orUse: isUsable ? current : nil) }
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    public func renounce(_ credentials: AWSCredentials) async {
        guard current == credentials else { return }
        current = nil
        notBefore = nil
        await source.renounce(credentials)
    }

    private func ask(orUse old: AWSCredentials?) async throws -> AWSCredentials {
        isAsking = true
        defer {
            isAsking = false
            for waiter in waiting { waiter.resume() }
            waiting = []
        }
        do {
            let new = try await source.credentials()
            current = new
            notBefore = nil
            return new
        } catch {
            guard let old, !(error is CancellationError) else { throw error }
            notBefore = clock.now() + pause
            return old
        }
    }

    private func lasts(_ credentials: AWSCredentials, until moment: Timestamp) -> Bool {
        credentials.expires.map { moment < $0 } ?? true
    }
}
