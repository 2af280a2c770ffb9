// SPDX-License-Identifier: Apache-2.0

/// The whole environment of a job: clean, so that no secret of the service leaks and every machine gives the same.
enum JobEnvironment {
    /// Variables that no process may set.
    static let owned: Set<String> = ["HOME", "TMPDIR"]

    static func variables(of process: Process, directory: JobDirectory) -> [String: String] {
        let standard = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]
        let own = ["HOME": directory.path, "TMPDIR": directory.temporary]
        return standard.merging(process.environment) { _, declared in declared }.merging(own) { _, own in own }
    }
}
