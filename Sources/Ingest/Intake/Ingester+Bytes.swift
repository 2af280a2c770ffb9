// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension Ingester {
    /// Copies the files of all cases into the archive's temporary space; cases of one store go together in one batch.
    func stage(_ cases: inout [IntakeCase]) async {
        var groups: [String: [Int]] = [:]
        for index in cases.indices where !cases[index].isPutOff {
            groups[cases[index].offer.store.location, default: []].append(index)
        }
        for members in groups.values.sorted(by: { $0[0] < $1[0] }) {
            var requests: [(place: Place, request: StageRequest)] = []
            for index in members { requests += plan(&cases[index], index) }
            let results = await archive.stage(requests.map(\.request), from: cases[members[0]].offer.store)
            for (place, result) in zip(requests.map(\.place), results) { cases[place.case].staged[place.file] = result }
        }
    }

    private struct Place {
        var `case`: Int
        var file: Int
    }

    /// The copies that a case needs. A file without a safe path in the archive fails here, before its bytes are read.
    private func plan(_ item: inout IntakeCase, _ index: Int) -> [(Place, StageRequest)] {
        item.staged = item.offer.files.map { _ in .failure(.notExamined) }
        guard let collection = item.collection else { return [] }
        var requests: [(Place, StageRequest)] = []
        for (number, file) in item.offer.files.enumerated() {
            do {
                let target = try collection.archivePath(of: file.name, in: item.identity(revision: item.nextRevision))
                let digests = Set(file.checksums.map(\.algorithm))
                let request = StageRequest(
                    path: file.entry.path, generation: file.entry.generation, size: file.entry.size, target: target,
                    digests: digests)
                requests.append((Place(case: index, file: number), request))
            } catch {
                item.staged[number] = .failure(error)
            }
        }
        return requests
    }

    /// Makes the good ones visible, in one flush, and drops the copies of the others.
    func publish(_ cases: [IntakeCase]) async throws -> [IntakeCase] {
        var cases = cases
        await archive.discard(cases.filter { !$0.isToPublish }.flatMap(\.copies))
        let members = cases.indices.filter { cases[$0].isToPublish }
        guard !members.isEmpty else { return cases }
        var outcomes = await archive.publish(members.flatMap { cases[$0].copies })[...]
        for index in members {
            let own = Array(outcomes.prefix(cases[index].copies.count))
            outcomes = outcomes.dropFirst(own.count)
            if let judgement = cases[index].judgement(after: own) {
                cases[index].judgement = judgement
            } else if let judgement = try await judgementOfAdopted(cases[index], own) {
                cases[index].judgement = judgement
            }
        }
        return cases
    }

    /// A file that was there already is ours to adopt only while the ledger knows no other owner.
    private func judgementOfAdopted(
        _ item: IntakeCase, _ outcomes: [Result<PublishOutcome, GranaryError>]
    ) async throws -> Judgement? {
        let found = zip(item.copies, outcomes).enumerated().filter { (try? $1.1.get()) == .alreadyThere }
        guard !found.isEmpty else { return nil }
        return try await catalog.read { session in
            for (index, (copy, _)) in found {
                guard let owner = try session.owner(of: copy.target) else { continue }
                let reason = Reason.owned(copy.target, by: owner)
                return .quarantine(reason, faults: [index: reason])
            }
            return nil
        }
    }
}

extension SQLSession {
    /// The granule that an archived file belongs to, for people.
    fileprivate func owner(of path: BytePath) throws -> GranuleID? {
        try first("SELECT granule_id FROM file WHERE archive_path = ?", [path])
            .flatMap { try granule($0.int64("granule_id"))?.identity }
    }
}

extension IntakeCase {
    var isToPublish: Bool {
        if case .publish = judgement { true } else { false }
    }

    var nextRevision: Int { (current?.granule.identity.revision ?? 0) + 1 }

    func identity(revision: Int) -> GranuleID {
        GranuleID(collection: offer.collection, name: offer.granule, revision: revision)
    }

    /// Another judgement when publishing did not go as judged; nil when every file is in its place.
    fileprivate func judgement(after outcomes: [Result<PublishOutcome, GranaryError>]) -> Judgement? {
        for (index, outcome) in outcomes.enumerated() {
            switch outcome {
            case .success(.published), .success(.alreadyThere): continue
            case .success(.conflict(let found)):
                let reason = Reason.occupied(copies[index].target, found)
                return .quarantine(reason, faults: [index: reason])
            case .failure(let error): return .postpone(error)
            }
        }
        return nil
    }
}

extension Collection {
    /// Where a file of a granule lies. A name that the patterns do not know, as a partner may send, has no groups.
    func archivePath(of name: BytePath, in granule: GranuleID) throws(GranaryError) -> BytePath {
        do {
            let recognized = try recognize(name)
            return try archivePath.path(
                for: granule, file: name, groups: recognized?.groups ?? [:], sensed: recognized?.sensed)
        } catch let error as GranaryError {
            throw error
        } catch {
            throw GranaryError(.pathRefused, "\(name) has no place in the archive.", remedy: "Rename it.", cause: error)
        }
    }
}
