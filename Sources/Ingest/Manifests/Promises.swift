// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// What manifests have promised, in the ledger: rows of `promise`.
extension SQLSession {
    /// Takes the place of whatever this manifest promised before.
    func replacePromises(source: String, manifest: BytePath, with promises: [PromisedFile], at moment: Timestamp) throws
    {
        try execute("DELETE FROM promise WHERE source = ? AND manifest = ?", [source, manifest])
        for promise in promises {
            try execute(
                """
                INSERT INTO promise (source, path, checksum, manifest, promised_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (source, path, checksum, manifest) DO NOTHING
                """,
                [source, promise.path, promise.checksum, manifest, moment])
        }
    }

    func promises(source: String, path: BytePath) throws -> [Checksum] {
        try query(
            "SELECT DISTINCT checksum FROM promise WHERE source = ? AND path = ? ORDER BY checksum", [source, path]
        )
        .map { try $0.checksum("checksum") }
    }

    /// Files that a manifest names are finished by its word, once: they need not sit out the settling window.
    func settlePromised(source: String, at moment: Timestamp) throws {
        try execute(
            """
            UPDATE arrival SET settled_at = ?, readiness = 'manifest'
            WHERE source = ? AND ended_at IS NULL AND settled_at IS NULL AND readiness IS NULL
                AND EXISTS (SELECT 1 FROM promise p WHERE p.source = arrival.source AND p.path = arrival.path)
            """,
            [moment, source])
    }
}
