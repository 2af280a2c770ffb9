// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// Checksums that came after their file was archived under our own: the archived bytes are read again and compared.
extension StagingWatcher {
    func proveLate(_ promises: [PromisedFile]) async throws {
        for (file, promised) in try await unproven(promises) {
            let found = try await digest(of: file, promised.algorithm)
            try await note(file, promised, agrees: found == promised)
        }
    }

    /// The archived files that promises speak of and nothing was promised of before. A promise speaks of the latest
    /// generation of its path only.
    private func unproven(_ promises: [PromisedFile]) async throws -> [(FileRecord, Checksum)] {
        let name = configuration.name
        return try await catalog.read { session in
            try promises.compactMap { promise in
                try session.first(
                    """
                    SELECT f.* FROM file f JOIN arrival a ON a.id = f.arrival_id
                    WHERE a.source = ? AND a.path = ? AND f.provided_checksum IS NULL AND NOT EXISTS (
                        SELECT 1 FROM arrival b WHERE b.source = a.source AND b.path = a.path AND b.id > a.id)
                    """,
                    [name, promise.path]
                ).map { (try FileRecord(row: $0), promise.checksum) }
            }
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
