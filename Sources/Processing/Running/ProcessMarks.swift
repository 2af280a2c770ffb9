// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// Holds an attempt by marks that its processes carry; see `Confinement` for what that is worth.
final class ProcessMarks: Confinement {
    private static let variable = "GRANARY_ATTEMPT"
    private let mark: String
    private let leader = Mutex<pid_t?>(nil)

    init(_ mark: String) { self.mark = mark }

    var joinFile: String { "" }
    var environment: [String: String] { [Self.variable: mark] }
    func leads(_ leader: pid_t) { self.leader.withLock { $0 = leader } }
    func kill() { for process in processes() { Glibc.kill(process, SIGKILL) } }
    var isEmpty: Bool { processes().isEmpty }
    func remove() {}

    private func processes() -> [pid_t] {
        let session = leader.withLock { $0 }
        return SmallFile.directories(in: "/proc").compactMap { pid_t($0) }.filter { process in
            guard process != getpid(), let status = ProcessStatus(process), !status.isEnded else { return false }
            return status.session == session || isMarked(process)
        }
    }

    private func isMarked(_ process: pid_t) -> Bool {
        SmallFile.read("/proc/\(process)/environ")?.contains("\(Self.variable)=\(mark)") ?? false
    }
}

/// What `/proc/<pid>/stat` says of a process.
private struct ProcessStatus {
    var isEnded: Bool
    var session: pid_t

    /// Nil when there is no such process. The second field, a name in parentheses, may hold anything.
    init?(_ process: pid_t) {
        guard let text = SmallFile.read("/proc/\(process)/stat"), let close = text.lastIndex(of: ")") else {
            return nil
        }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 3, let session = pid_t(fields[3]) else { return nil }
        isEnded = fields[0] == "Z" || fields[0] == "X"
        self.session = session
    }
}
