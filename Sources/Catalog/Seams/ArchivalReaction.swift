// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// What another verb wants to happen when a granule has been archived.
///
/// It runs inside the transaction that archives, so the fact and what follows from it are one: rules leave jobs, and
/// destinations leave submissions, or the granule is not archived.
public protocol ArchivalReaction: Sendable {
    func granuleArchived(
        _ granule: GranuleRecord, files: [FileRecord], in session: any SQLSession, at moment: Timestamp) throws
}
