// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
internal import GranaryTransfer

extension S3Store {
    /// Reads each file once: hashes it and, when it is large, uploads its parts while more of it comes. Small files are
    /// kept in memory until `publish`. Nothing is visible before that.
    ///
    /// The first call makes sure that the service can be trusted with an archive (`prove`).
    public func stage(_ requests: [StageRequest], from source: any Store) async -> [Result<StagedFile, GranaryError>] {
        do {
            _ = try await proven()
        } catch {
            return requests.map { .failure(.inArchive(error, $0.target)) }
        }
        let results = await inParallel(requests, atOnce: settings.filesAtOnce) { request in
            await self.stage(request, from: source)
        }
        crashPoint(.archiveStaged)
        return results
    }

    private func stage(_ request: StageRequest, from source: any Store) async -> Result<StagedFile, GranaryError> {
        do {
            let incoming = IncomingObject(request, key: try targetKey(of: request.target), in: self)
            return .success(try await incoming.receive(from: source))
        } catch {
            return .failure(.inArchive(error, request.path))
        }
    }

    /// Refuses a target that could not be published, before any byte is read for it.
    private func targetKey(of target: BytePath) throws(GranaryError) -> BytePath {
        let key = try key(of: target)
        guard key.bytes.count <= 1024, key.text != nil, target.components[0] != reservedFolder.bytes[...] else {
            throw .keyRefused(target)
        }
        return key
    }

    public func discard(_ files: [StagedFile]) async {
        _ = await inParallel(files, atOnce: settings.filesAtOnce) { file in
            await self.giveUp(self.bench.take(file.token))
        }
    }

    /// An upload that can't be aborted now is found by the next sweep.
    func giveUp(_ object: StagedObject?) async {
        guard case .upload(let upload, _)? = object?.place else { return }
        try? await objects.abort(upload)
    }

    /// Aborts every upload below the prefix. Returns how many there were.
    @discardableResult
    public func sweep() async throws -> Int {
        let root = prefix.bytes.isEmpty ? prefix : BytePath(prefix.bytes + "/".utf8)
        var count = 0
        var marker: (key: String, id: String)?
        repeat {
            let page = try await objects.uploads(prefix: root, after: marker)
            for upload in page.uploads where upload.key.bytes.starts(with: root.bytes) {
                try await objects.abort(upload)
                count += 1
            }
            if let next = page.next, let marker, next == marker {
                throw GranaryError.otherAnswer("a later page of uploads", "the same one")
            }
            marker = page.next
        } while marker != nil
        return count
    }
}

extension GranaryError {
    /// Any error as ours.
    static func inArchive(_ error: any Error, _ subject: BytePath) -> GranaryError {
        if let error = error as? GranaryError { return error }
        return GranaryError(
            .storeFailed, "The transfer of '\(subject)' was broken off.", subject: subject.description,
            remedy: "Look at the cause; the file is tried again.", disposition: .retry(after: nil), cause: error)
    }
}
