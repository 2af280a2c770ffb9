// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import SystemPackage

/// Where files go that can't be messages.
private let refusedDirectory = BytePath("refused")

extension Root {
    func allNames() throws(GranaryError) -> [BytePath] {
        try reporting("list", BytePath(path), on: .source) { () throws(Errno) in try DirectoryStream(directory).all() }
    }

    /// The names that may be messages, in order.
    func messageNames() throws(GranaryError) -> [BytePath] { try allNames().filter { !$0.isTemporaryName }.sorted() }

    /// Reads one message; nil when there is none under that name, or when the file was refused.
    func message(_ name: BytePath, refused: (GranaryError) -> Void) throws(GranaryError) -> ReceivedMessage? {
        do throws(GranaryError) {
            guard try kind(of: name) != .directory else { return nil }
            return try readMessage(name)
        } catch  where error.code == .notFound {
            return nil
        } catch {
            guard case .quarantine = error.disposition else { throw error }
            refused(setAside(name, because: error))
            return nil
        }
    }

    private func kind(of name: BytePath) throws(GranaryError) -> StoreEntry.Kind {
        try reporting("look at", name, on: .source) { () throws(Errno) in try directory.status(of: name).kind }
    }

    private func readMessage(_ name: BytePath) throws(GranaryError) -> ReceivedMessage {
        guard let key = name.text else { throw .nameNotText(name) }
        let (file, status) = try openFile(name)
        guard status.size <= Limits.messageBytes else { throw .tooLarge(name, limit: Limits.messageBytes) }
        let body = try file.readAll(name, limit: Limits.messageBytes)
        return ReceivedMessage(
            key: key, body: body, sentAt: status.entry(at: name).modified, receipt: status.generation)
    }

    /// Moves a file out of the way, with the reason beside it. The refusal, or why even that could not be done.
    private func setAside(_ name: BytePath, because refusal: GranaryError) -> GranaryError {
        do throws(Errno) {
            try directory.makeDirectories(refusedDirectory, mode: 0o755)
            let place = try directory.openDirectory(refusedDirectory)
            let kept = try freeName(for: name, in: place)
            try directory.rename(name, to: place, kept)
            let reason = try place.open(kept.addingReasonSuffix, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
            try reason.write(Array("\(refusal)\n".utf8))
            return refusal
        } catch {
            var failure = GranaryError.system(error, "set aside", name.description, on: .store)
            failure.cause = refusal
            return failure
        }
    }

    /// The name itself, or the first with a number that is not taken: what was refused earlier is kept.
    private func freeName(for name: BytePath, in place: Descriptor) throws(Errno) -> BytePath {
        let stem = BytePath(name.bytes.prefix(200))
        for number in 0..<10_000 {
            let candidate = number == 0 ? stem : BytePath(stem.bytes + Array(".\(number)".utf8))
            do throws(Errno) {
                _ = try place.status(of: candidate)
            } catch .noSuchFileOrDirectory {
                return candidate
            }
        }
        throw .fileExists
    }
}

extension BytePath {
    fileprivate var addingReasonSuffix: BytePath { BytePath(bytes + Array(".reason.txt".utf8)) }
}

extension GranaryError {
    fileprivate static func nameNotText(_ name: BytePath) -> GranaryError {
        GranaryError(
            .invalid, "The message's name '\(name)' is not UTF-8.", subject: name.description,
            remedy: "Have the partner send it again under a name in UTF-8.", disposition: .quarantine)
    }
}
