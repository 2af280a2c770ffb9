// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import Synchronization

/// What a service was found to do when it was tried.
struct ArchiveProof: Sendable {
    /// It refuses bytes that are not those of the checksum that came with them.
    var checksWrites: Bool
}

extension S3Store {
    /// Tries whether the service keeps what an archive needs: that a write with `If-None-Match: *` never replaces anything,
    /// neither by one request nor by an upload in parts. Throws `archive.unsafe` when it does not.
    ///
    /// Leaves two small objects in `.granary/`, which later calls use again; it needs no right to delete.
    public func prove() async throws {
        let known = Array("granary".utf8)
        let key = prefix.appending(reservedFolder).appending("probe")
        do {
            _ = try await objects.put(key, known, sha256: Checksum(.sha256, of: known))
            try await tryToReplace(key, with: Array("granary?".utf8))
        } catch let error as GranaryError where error.awsFault?.status == 501 {
            throw GranaryError.unsafe(location, "does not know writing on condition", cause: error)
        }
        guard try await objects.get(key, limit: 64) == known else {
            throw GranaryError.unsafe(location, "gives other bytes than were written")
        }
        let found = ArchiveProof(checksWrites: try await checksWrites())
        proof.withLock { $0 = found }
    }

    /// The findings of `prove`, which is called if it was not yet.
    func proven() async throws -> ArchiveProof {
        if let known = proof.withLock({ $0 }) { return known }
        try await prove()
        return proof.withLock { $0 } ?? ArchiveProof(checksWrites: false)
    }

    private func tryToReplace(_ key: BytePath, with bytes: [UInt8]) async throws {
        let sha256 = Checksum(.sha256, of: bytes)
        guard try await objects.put(key, bytes, sha256: sha256) == .occupied else {
            throw GranaryError.unsafe(location, "replaces objects although it is told not to (If-None-Match)")
        }
        let upload = S3Upload(key: key, id: try await objects.beginUpload(key))
        let part = try await objects.uploadPart(upload, number: 1, bytes, sha256: sha256)
        guard try await objects.complete(upload, [part]) == .occupied else {
            throw GranaryError.unsafe(
                location, "replaces objects by uploads although it is told not to (If-None-Match)")
        }
        try await objects.abort(upload)
    }

    private func checksWrites() async throws -> Bool {
        do {
            let key = prefix.appending(reservedFolder).appending("probe-checksum")
            _ = try await objects.put(key, [1], sha256: Checksum(.sha256, of: [2]), replacing: true)
            return false
        } catch let error as GranaryError where error.awsFault != nil {
            guard case .badBytes? = error.awsFault?.kind else { throw error }
            return true
        }
    }
}

extension GranaryError {
    fileprivate static func unsafe(
        _ location: String, _ fault: String, cause: (any Error)? = nil
    ) -> GranaryError {
        GranaryError(
            .archiveUnsafe, "'\(location)' can't be an archive: its service \(fault).", subject: location,
            remedy: "Use a service with conditional writes (AWS, SeaweedFS, MinIO, Ceph), or a local archive.",
            cause: cause)
    }
}
