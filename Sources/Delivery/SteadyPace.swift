// SPDX-License-Identifier: Apache-2.0

internal import AsyncAlgorithms
internal import ServiceLifecycle

/// Calls `once` now and then at every interval, again at once while it says that it found something to do; ends when the
/// service is asked to stop.
func atSteadyPace(every interval: Duration, _ once: () async throws -> Int) async throws {
    try await untilIdle(once)
    for await _ in AsyncTimerSequence(interval: interval, clock: .continuous).cancelOnGracefulShutdown() {
        try await untilIdle(once)
    }
}

private func untilIdle(_ once: () async throws -> Int) async throws {
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
        guard try await once() > 0 else { return }
    }
}
