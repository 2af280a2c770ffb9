// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Watches one command from its start to its end and enforces its limits.
///
/// It looks instead of being told: the leader must stay unreaped while signals may still be sent to its group, or they
/// could reach a stranger who got the same number.
struct Supervision: Sendable {
    let leader: pid_t
    let confinement: any Confinement
    let softLimit: Duration
    let hardLimit: Duration

    private static let firstLook = Duration.milliseconds(1)
    private static let longestPause = Duration.milliseconds(25)

    /// Returns when the leader has ended and everything it started has been ended. True when a limit ended it.
    ///
    /// Cancelling ends it at once.
    func untilEnd() async -> Bool {
        let start = ContinuousClock.now
        var pause = Self.firstLook
        var wasStopped = false
        while isRunning {
            if Task.isCancelled || start.duration(to: .now) >= hardLimit {
                wasStopped = true
                confinement.kill()
            } else if !wasStopped, start.duration(to: .now) >= softLimit {
                wasStopped = true
                // To the group only: what a job has sent elsewhere ends with the job.
                Glibc.kill(-leader, SIGTERM)
            }
            await uncancelledSleep(pause)
            pause = min(pause * 2, Self.longestPause)
        }
        // Those who are left may hold the output open.
        confinement.kill()
        return wasStopped
    }

    private var isRunning: Bool {
        var info = siginfo_t()
        let answer = waitid(P_PID, id_t(leader), &info, WEXITED | WNOHANG | WNOWAIT)
        return answer == 0 && info.si_signo == 0
    }
}

/// Sleeps although the task may be cancelled: for waits that end by themselves within milliseconds.
func uncancelledSleep(_ duration: Duration) async {
    await Task { try? await Task.sleep(for: duration) }.value
}
