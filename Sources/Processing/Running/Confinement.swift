// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import GranaryCore

/// What holds one attempt and everything it starts, so that all of it can be ended.
///
/// - `ControlGroup`: a control group (version 2) of its own, ended by `cgroup.kill`. Nothing escapes, whatever it does:
///   a child enters no other group by forking, leaving its session or changing its environment.
/// - `ProcessMarks`: where no control group may be made, processes are found in `/proc` by the attempt's session and by a
///   variable that every child inherits. A process that leaves the session *and* clears its environment escapes. A
///   subreaper would not know either whose orphan it is given, with several jobs at a time, and would have to reap
///   strangers. Give the service a delegated control group (systemd: `Delegate=yes`) to close the gap.
protocol Confinement: Sendable {
    /// The file that a process writes `0` into to enter; empty when there is nothing to enter.
    var joinFile: String { get }
    /// Variables that every process of the attempt carries.
    var environment: [String: String] { get }
    /// The attempt's first process, which leads its session, is known.
    func leads(_ leader: pid_t)
    /// Ends every process inside, without asking.
    func kill()
    var isEmpty: Bool { get }
    /// Gives the confinement back once it is empty.
    func remove()
}

/// Which confinement a runner uses.
public enum ConfinementChoice: Sendable, Hashable {
    /// A control group where one may be made, else marks.
    case best
    case marks
}

/// Long enough for the kernel to end what was killed; a process in an uninterruptible wait must not hold us for ever.
private let patience = 200

extension Confinement {
    /// Ends everything inside and waits until it is gone.
    func end() async {
        for look in 0..<patience where !isEmpty {
            kill()
            await uncancelledSleep(.milliseconds(min(look + 1, 25)))
        }
        remove()
    }
}

/// Makes a confinement for each attempt.
struct ConfinementChooser: Sendable {
    private let parent: ControlGroup.Parent?

    init(_ choice: ConfinementChoice) {
        parent = choice == .best ? ControlGroup.Parent.ofThisProcess() : nil
        parent?.sweep()
    }

    func confine() -> any Confinement {
        parent?.makeGroup() ?? ProcessMarks(SystemRandomness().identifier())
    }
}
