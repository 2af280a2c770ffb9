// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// Checksums that came after their file was archived under our own: the archived bytes are read again and compared.
extension StagingWatcher {
    func proveLate(_ promises: [PromisedFile]) async throws {
        for promise in promises {
            guard let file = try await unproven(promise) else { continue }
            let found = try await digest(of: file, promise.checksum.algorithm)
            try await note(file, promise.checksum, agrees: found == promise.checksum)
        }
    }

    /// The archived file that a promise speaks of, when nothing was promised of it before.
    private func unproven(_ promise: PromisedFile) async throws -> FileRecord? {
        let name = configuration.name
        return try await catalog.read { session in
            try session.first(
                """
                SELECT f.* FROM file f JOIN arrival a ON a.id = f.arrival_id
                WHERE a.source = ? AND a.path = ? AND f.provided_checksum IS NULL ORDER BY f.id DESC LIMIT 1
                """,
                [name, promise.path]
            ).map(FileRecord.init(row:))
        }
    }

    private func digest(of file: FileRecord, _ algorithm: Checksum.Algorithm) async throws -> Checksum? {
        guard algorithm != .sha256 else { return file.sha256 }
        guard let entry = try await ingester.archive.entry(at: file.archivePath) else { return nil }
        let sink = DigestSink(algorithm)
        try await ingester.archive.send(file.archivePath, generation: entry.generation, to: sink)
        return sink.checksum
    }

    private func note(_ file: FileRecord, _ promised: Checksum, agrees: Bool) async throws {
        let (actor, now) = (actor, catalog.clock.now())
        try await catalog.write { session in
            let what = agrees ? "a late checksum agrees" : "a late checksum disagrees with the archived bytes"
            try session.note(
                .granule, file.granuleID, state: try session.granule(file.granuleID)?.state.rawValue ?? "archived",
                at: now,
                because: Cause(what, by: actor, detail: "\(file.name) \(promised)"))
            guard agrees else { return }
            try session.execute(
                "UPDATE file SET provided_checksum = ?, verification = ? WHERE id = ?",
                [promised, Verification.provider, file.id])
            try session.execute(
                """
                UPDATE granule SET verification = 'provider' WHERE id = ?
                    AND NOT EXISTS (SELECT 1 FROM file WHERE granule_id = granule.id AND verification = 'self')
                """,
                [file.granuleID])
        }
    }
}
