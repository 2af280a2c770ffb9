// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// A CNM-S: the announcement of one granule to one destination.
///
/// A pure function of its arguments, written in the one form that every known receiver accepts: files listed directly,
/// lower-case checksums, whole sizes, times with `Z`, nothing that belongs into a response.
struct SubmissionMessage {
    let granule: GranuleRecord
    let files: [FileRecord]
    let destination: Destination
    let identifier: String
    let submissionTime: Timestamp

    private var profile: MessageProfile { destination.profile }

    /// The exact bytes of every send.
    ///
    /// Throws `input.invalid` when the granule cannot be carried: a name that is not text, a path that the URI's scheme
    /// cannot spell, anything that the schema or the size limit of the profile refuses.
    func bytes(schemas: MessageSchemas) throws -> [UInt8] {
        let message = try json()
        try schemas.submission.require(message, named: "The CNM-S of \(granule.identity) for \(destination.name)")
        let bytes = message.bytes()
        guard bytes.count <= profile.maximumBytes else {
            throw uncarriable(
                "has \(bytes.count) bytes, more than the \(profile.maximumBytes) that \(destination.name) takes",
                "Raise `maximumBytes` of the destination if its transport carries more, then resend.")
        }
        return bytes
    }

    func json() throws -> JSONValue {
        let collection = profile.collections[granule.identity.collection] ?? granule.identity.collection
        var message: JSONObject = ["version": .string(profile.version)]
        message["provider"] = .string(profile.provider ?? granule.provider)
        message["collection"] = written(collection)
        message["submissionTime"] = .string(submissionTime.description)
        message["identifier"] = .string(identifier)
        message["trace"] = profile.trace.map(JSONValue.string)
        message["product"] = [
            "name": .string(granule.identity.name),
            "dataVersion": .string(collection.version),
            "dataProcessingType": .string(granule.processingType.rawValue),
            "files": .array(try files.map(file)),
        ]
        return .object(message)
    }

    private func written(_ collection: CollectionID) -> JSONValue {
        switch profile.collectionForm {
        case .string: .string(collection.name)
        case .object: ["name": .string(collection.name), "version": .string(collection.version)]
        }
    }

    private func file(_ file: FileRecord) throws -> JSONValue {
        guard let name = file.name.text else {
            throw uncarriable(
                "has a file name that is not UTF-8 (\(file.name)), which JSON cannot carry",
                "Have the provider rename the file, or leave the granule out by the destination's filter.")
        }
        guard let uri = ResourceURI.text(base: profile.uriBase, path: file.archivePath) else {
            throw uncarriable(
                "lies at \(file.archivePath), which a URI under \(profile.uriBase) cannot spell",
                "Let the archive's path template use plain characters, or serve the archive under another scheme.")
        }
        let checksum = profile.checksum.choice(for: file)
        return [
            "type": .string(file.type.rawValue), "uri": .string(uri), "name": .string(name),
            "checksumType": .string(checksum.algorithm.rawValue), "checksum": .string(checksum.hex),
            "size": .integer(file.size),
        ]
    }

    private func uncarriable(_ fault: String, _ remedy: String) -> GranaryError {
        GranaryError(
            .invalid, "The CNM-S of \(granule.identity) for \(destination.name) cannot be written: it \(fault).",
            subject: granule.identity.description, remedy: remedy, disposition: .quarantine)
    }
}

extension MessageProfile.ChecksumChoice {
    /// CNM has no word for SHA-384, nor for the cyclic checks of object stores.
    func choice(for file: FileRecord) -> Checksum {
        guard self == .provided, let provided = file.providedChecksum,
            provided.algorithm.isDigest, provided.algorithm != .sha384
        else { return file.sha256 }
        return provided
    }
}
