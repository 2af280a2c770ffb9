// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import GranaryCore

/// A control group (version 2) of one attempt, below the one that the service itself is in.
struct ControlGroup: Confinement {
    private let path: String

    var joinFile: String { "\(path)/cgroup.procs" }
    var environment: [String: String] { [:] }
    func leads(_ leader: pid_t) {}
    func kill() { SmallFile.write("1", to: "\(path)/cgroup.kill") }
    var isEmpty: Bool { SmallFile.read("\(path)/cgroup.events").map { !$0.contains("populated 1") } ?? true }

    func remove() {
        for name in SmallFile.directories(in: path) { ControlGroup(path: "\(path)/\(name)").remove() }
        rmdir(path)
    }
}

extension ControlGroup {
    /// The group in which groups for attempts are made.
    struct Parent: Sendable {
        private let path: String
        private static let prefix = "granary-job."

        /// Nil when this process is in no group of version 2, or may make none below it.
        static func ofThisProcess() -> Parent? {
            guard let mount = mountPoint(), let own = ownGroup() else { return nil }
            let parent = Parent(path: own == "/" ? mount : mount + own)
            guard access("\(parent.path)/cgroup.procs", W_OK) == 0, let probe = parent.makeGroup() else { return nil }
            probe.remove()
            return parent
        }

        /// Nil when the system refuses; the attempt is then held by marks.
        func makeGroup() -> ControlGroup? {
            let group = "\(path)/\(Self.prefix)\(getpid()).\(SystemRandomness().identifier())"
            guard mkdir(group, 0o755) == 0 else { return nil }
            guard access("\(group)/cgroup.kill", W_OK) == 0 else {
                rmdir(group)
                return nil
            }
            return ControlGroup(path: group)
        }

        /// Ends what a service that died has left running: its attempts are lost and will be made anew.
        func sweep() {
            for name in SmallFile.directories(in: path) where name.hasPrefix(Self.prefix) {
                let maker = name.dropFirst(Self.prefix.count).split(separator: ".").first.flatMap { pid_t($0) }
                guard let maker, Glibc.kill(maker, 0) != 0, errno == ESRCH else { continue }
                let group = ControlGroup(path: "\(path)/\(name)")
                group.kill()
                group.remove()
            }
        }

        /// Where the tree of version 2 is mounted: by itself, or beside version 1.
        private static func mountPoint() -> String? {
            for line in SmallFile.read("/proc/self/mounts")?.split(separator: "\n") ?? [] {
                let fields = line.split(separator: " ")
                if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
            }
            return nil
        }

        private static func ownGroup() -> String? {
            SmallFile.read("/proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }
                .map { String($0.dropFirst(3)) }
        }
    }
}
