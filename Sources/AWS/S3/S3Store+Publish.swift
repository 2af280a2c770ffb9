// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
internal import GranaryTransfer

extension S3Store {
    /// Writes what is held and completes what is uploaded, on condition that nothing of that name is there, then looks at
    /// what came of it. Whatever the result, the staged copy is gone afterwards.
    public func publish(_ files: [StagedFile]) async -> [Result<PublishOutcome, GranaryError>] {
        let results = await inParallel(files, atOnce: settings.filesAtOnce) { file in await self.publish(file) }
        crashPoint(.archivePublished)
        return results
    }

    private func publish(_ file: StagedFile) async -> Result<PublishOutcome, GranaryError> {
        guard let object = bench.take(file.token) else { return .failure(.notStaged(file)) }
        do {
            switch try await write(object, file) {
            case .written:
                try await confirm(object, file)
                return .success(.published)
            case .occupied:
                let outcome = try await compare(object, file)
                await giveUp(object)
                return .success(outcome)
            }
        } catch {
            await giveUp(object)
            return .failure(.inArchive(error, file.target))
        }
    }

    private func write(_ object: StagedObject, _ file: StagedFile) async throws -> S3Write {
        switch object.place {
        case .held(let bytes): try await objects.put(object.key, bytes, sha256: file.sha256)
        case .upload(let upload, let parts): try await objects.complete(upload, parts)
        }
    }

    /// Asks whether what was written is there whole. A service that does not check what it is sent is read back.
    private func confirm(_ object: StagedObject, _ file: StagedFile) async throws {
        guard let head = try await objects.head(object.key) else {
            throw GranaryError.notKept(file, "nothing is there")
        }
        guard head.size == file.size else { throw GranaryError.notKept(file, "\(head.size) bytes are there") }
        if let sum = head.checksum, let ours = file.digests[sum.algorithm], sum != ours {
            throw GranaryError.notKept(file, "its checksum is \(sum)")
        }
        if let composite = head.composite, let ours = object.composite, composite != ours {
            throw GranaryError.notKept(file, "the checksum of its parts is \(composite)")
        }
        if try await !proven().checksWrites {
            let there = try await digest(of: object.key, head)
            guard there == file.sha256 else { throw GranaryError.notKept(file, "other bytes are there (\(there))") }
        }
    }

    /// Holds what has the name already against the staged file; it is read only where the service does not tell.
    private func compare(_ object: StagedObject, _ file: StagedFile) async throws -> PublishOutcome {
        guard let head = try await objects.head(object.key) else { throw GranaryError.vanished(file.target) }
        if head.size == file.size, let composite = head.composite, composite == object.composite {
            return .alreadyThere
        }
        let there: Checksum
        if let sum = head.checksum, sum.algorithm == .sha256 {
            there = sum
        } else {
            there = try await digest(of: object.key, head)
        }
        return head.size == file.size && there == file.sha256 ? .alreadyThere : .conflict(there)
    }

    private func digest(of key: BytePath, _ head: S3Head) async throws -> Checksum {
        let sink = DigestSink(.sha256)
        guard try await objects.download(key, tag: head.tag, from: 0, choose: { _ in sink }) else {
            throw GranaryError.vanished(key)
        }
        return sink.checksum
    }
}

extension StagedObject {
    /// The composite checksum that the object has once its upload is completed.
    fileprivate var composite: String? {
        guard case .upload(_, let parts) = place else { return nil }
        return compositeChecksum(of: parts)
    }
}

extension GranaryError {
    fileprivate static func notStaged(_ file: StagedFile) -> GranaryError {
        GranaryError(
            .notFound, "There is no staged copy for '\(file.target)'.", subject: file.target.description,
            remedy: "Stage the file again: a staged copy is published or discarded once, and none survives a restart.",
            disposition: .retry(after: nil))
    }

    fileprivate static func notKept(_ file: StagedFile, _ fault: String) -> GranaryError {
        GranaryError(
            .archiveUnsafe, "The service said that it wrote '\(file.target)', but \(fault).",
            subject: file.target.description,
            remedy: "Do not use this service as an archive until its operator has explained this.")
    }

    fileprivate static func vanished(_ path: BytePath) -> GranaryError {
        GranaryError(
            .storeFailed, "Something had the name '\(path)', and is gone or another now.", subject: path.description,
            remedy: "Find out who else writes below the archive's prefix; the file is tried again.",
            disposition: .retry(after: nil))
    }
}
