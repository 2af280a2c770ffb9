// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// A CNM-S turned into an offer to the archive.
struct AnnouncedGranule {
    let role: ArchiveRole
    let submission: PartnerSubmission

    /// The offer, once each file has been found at its source. Throws `AnswerFailure` for what the partner must mend, and a
    /// `GranaryError` to be tried again for what may pass by itself.
    func offer(settledAt moment: Timestamp) async throws -> GranuleOffer {
        let collection = try collection()
        let name = try required(submission.productName, "`product.name` is missing")
        guard !submission.files.isEmpty else { throw invalid("The product lists no files") }
        var files: [OfferedFile] = []
        var store: (any Store)?
        for file in submission.files {
            let place = try place(of: file)
            if let store, store.location != place.store.location {
                throw AnswerFailure(
                    code: .processing, message: "The files of one product lie in several places; one is needed.")
            }
            store = place.store
            files.append(try await offered(file, at: place))
        }
        guard Set(files.map(\.name)).count == files.count else { throw invalid("Two files have the same name") }
        guard let store else { throw invalid("The product lists no files") }
        return GranuleOffer(
            source: role.source, store: store, collection: collection, granule: name,
            provider: submission.provider ?? role.provider, files: files, readiness: .manifest,
            processingType: submission.processingType ?? .forward, settledAt: moment)
    }

    private func collection() throws -> CollectionID {
        let announced = try required(submission.collection, "`collection` is missing")
        let version = try required(
            announced.version ?? submission.dataVersion ?? role.collectionVersion,
            "Neither `collection.version` nor `product.dataVersion` is given")
        let theirs = CollectionID(name: announced.name, version: version)
        return role.collections[theirs] ?? theirs
    }

    private func place(of file: PartnerFile) throws -> SourcePlace {
        let uri = try required(file.uri, "A file has no `uri`")
        do {
            return try role.sources.resolve(uri)
        } catch let error as GranaryError {
            throw AnswerFailure(code: .validation, message: error.message)
        }
    }

    private func offered(_ file: PartnerFile, at place: SourcePlace) async throws -> OfferedFile {
        let name = BytePath(try required(file.name, "A file has no `name`"))
        guard !name.isUnsafe, name.components.count == 1 else {
            throw invalid("\(shown(name.description)) is no file name")
        }
        if let checksum = file.unreadableChecksum {
            throw invalid("The checksum \(shown(checksum)) of \(name) cannot be understood")
        }
        guard let entry = try await place.store.entry(at: place.path), entry.kind == .file else {
            throw AnswerFailure(code: .transfer, message: "There is no file at \(shown(file.uri ?? "")).")
        }
        return OfferedFile(
            entry: entry, name: name, type: try required(file.type, "\(name) has no known `type`"),
            checksums: file.checksum.map { [$0] } ?? [], size: file.size)
    }

    private func required<Value>(_ value: Value?, _ fault: String) throws -> Value {
        guard let value else { throw invalid(fault) }
        return value
    }

    private func invalid(_ fault: String) -> AnswerFailure { AnswerFailure(code: .validation, message: fault + ".") }
}

extension AnswerFailure {
    /// What a fault that we met means to the partner: mend the message, mend the source, or leave it to us.
    init(_ error: GranaryError) {
        message = error.message
        switch error.code {
        case .invalid, .pathRefused, .denied: code = .validation
        case .notFound: code = .transfer
        case let code where ["checksum.", "size.", "manifest."].contains(where: code.rawValue.hasPrefix):
            self.code = .validation
        case let code where code.rawValue.hasPrefix("source."): self.code = .transfer
        default: code = .processing
        }
    }
}
