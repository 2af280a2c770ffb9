// SPDX-License-Identifier: Apache-2.0

package import GranaryCore
package import SystemPackage

/// Whose side a system call served: a fault of a source is one file's misfortune, a fault of the store is everyone's.
package enum Side: Sendable {
    case source
    case store
}

extension GranaryError {
    /// What a system call's refusal means for the one who asked.
    ///
    /// - Parameter act: what was tried, as the rest of a sentence: `open`, `write to`.
    package static func system(_ fault: Errno, _ act: String, _ subject: String, on side: Side) -> GranaryError {
        let (code, remedy, disposition) = judge(fault, side)
        let message = "Could not \(act) '\(subject)': \(fault.description.lowercased())."
        return GranaryError(code, message, subject: subject, remedy: remedy, disposition: disposition)
    }

    /// Any error as ours: what a byte sink threw is passed on, the rest is the store's fault.
    static func wrapping(_ error: any Error, _ subject: BytePath) -> GranaryError {
        if let error = error as? GranaryError { return error }
        return GranaryError(
            .storeFailed, "The transfer of '\(subject)' failed.", subject: subject.description,
            remedy: "Look at the cause, then retry the file.", disposition: .retry(after: nil), cause: error)
    }
}

/// Runs system calls and gives their refusal its meaning.
func reporting<Value>(
    _ act: String, _ subject: BytePath, on side: Side, _ call: () throws(Errno) -> Value
) throws(GranaryError) -> Value {
    do {
        return try call()
    } catch {
        throw .system(error, act, subject.description, on: side)
    }
}

private func judge(_ fault: Errno, _ side: Side) -> (GranaryError.Code, String, GranaryError.Disposition) {
    switch fault {
    case .noSpace, .diskQuotaExceeded:
        (.storeFull, "Free space or raise the quota; the transfer is tried again.", .retry(after: .seconds(60)))
    case .permissionDenied, .notPermitted, .readOnlyFileSystem:
        (.denied, "Give the service's user access to it, then retry.", side == .source ? .quarantine : .stop)
    case .tooManySymbolicLinkLevels, .improperLink:
        (.pathRefused, "Replace the symbolic link or '..' in the path by a real file below the root.", .quarantine)
    case .fileNameTooLong:
        (.pathRefused, "Shorten the name: a component has at most 255 bytes, a path 4095.", .quarantine)
    case .notDirectory where side == .store, .fileExists where side == .store:
        (.pathRefused, "Make way: a file or link has the name of a directory that is needed.", .quarantine)
    case .noSuchFileOrDirectory, .notDirectory:
        (.notFound, "Check the name; list the place to see what is there now.", .retry(after: nil))
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
        (.storeFailed, "Raise the limit of open files (LimitNOFILE).", .retry(after: .seconds(1)))
    case .noFunction:
        (
            .storeFailed, "Run Granary on Linux 5.6 or newer, and allow openat2 in the container's seccomp profile.",
            .stop
        )
    default:
        side == .source
            ? (
                .sourceUnreadable, "Check the source's medium and mount; the transfer is tried again.",
                .retry(after: nil)
            )
            : (.storeFailed, "Check the kernel's log and the archive's medium before going on.", .stop)
    }
}
