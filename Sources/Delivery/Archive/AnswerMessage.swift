// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// A CNM-R: our answer to one CNM-S. A pure function of its arguments.
struct AnswerMessage {
    enum Outcome {
        case success(GranuleRecord, [FileRecord])
        case failure(AnswerFailure)
    }
    let announced: PartnerMessage
    /// The announced one or, when it could not be found, the transport's name of the message: the identifier of last hope.
    let identifier: String
    let receivedTime: Timestamp
    let completedTime: Timestamp
    let uriBase: String
    let outcome: Outcome

    /// Throws `input.invalid` when the answer does not fit our own schema, which would be a defect.
    func bytes(schemas: MessageSchemas) throws -> [UInt8] {
        let answer = try json()
        try schemas.response.require(answer, named: "The CNM-R to \(shown(identifier))")
        return answer.bytes()
    }

    func json() throws -> JSONValue {
        var answer: JSONObject = ["version": .string(version)]
        answer["provider"] = echoed("provider")
        answer["collection"] = collection
        answer["submissionTime"] = .string(submissionTime)
        answer["receivedTime"] = .string(receivedTime.description)
        answer["processCompleteTime"] = .string(completedTime.description)
        answer["identifier"] = .string(identifier)
        answer["trace"] = echoed("trace")
        switch outcome {
        case .success(let granule, let files):
            answer["product"] = .object(try product(granule, files))
            answer["response"] = [
                "status": "SUCCESS", "ingestionMetadata": ["catalogId": .string(granule.identity.description)],
            ]
        case .failure(let failure):
            answer["response"] = [
                "status": "FAILURE", "errorCode": .string(failure.code.rawValue),
                "errorMessage": .string(clipped(failure.message)),
            ]
        }
        return .object(answer)
    }

    /// The version that the sender itself speaks, so that it can read the answer.
    private var version: String {
        let version = announced.submission?.version ?? MessageProfile.newest
        return MessageProfile.versions.contains(version) ? version : MessageProfile.newest
    }

    private var collection: JSONValue {
        guard let collection = announced.submission?.collection else { return "unknown" }
        guard let number = collection.version, !number.isEmpty, version == MessageProfile.newest else {
            return .string(collection.name)
        }
        return ["name": .string(collection.name), "version": .string(number)]
    }

    /// Echoed to the letter where it is a proper time, for partners that match by it.
    private var submissionTime: String {
        guard let submission = announced.submission, let moment = submission.submissionTime else {
            return receivedTime.description
        }
        let isOdd = announced.deviations.contains { $0.hasPrefix("submissionTime:") }
        let text = announced.object["submissionTime"]?.string ?? ""
        return isOdd || !text.hasSuffix("Z") ? moment.description : text
    }

    private func echoed(_ key: String) -> JSONValue? { announced.object[key]?.string.map(JSONValue.string) }

    private func product(_ granule: GranuleRecord, _ files: [FileRecord]) throws -> JSONObject {
        var product: JSONObject = ["name": .string(announced.submission?.productName ?? granule.identity.name)]
        product["dataVersion"] = announced.submission?.dataVersion.map(JSONValue.string)
        product["dataProcessingType"] = announced.submission?.processingType.map { .string($0.rawValue) }
        product["files"] = .array(try files.map(file))
        return product
    }

    private func file(_ file: FileRecord) throws -> JSONValue {
        guard let name = file.name.text, let uri = ResourceURI.text(base: uriBase, path: file.archivePath) else {
            throw GranaryError(
                .invalid, "The archived file \(file.archivePath) has no URI below \(uriBase).",
                subject: file.archivePath.description, remedy: "Let the archive's path template use plain characters.",
                disposition: .quarantine)
        }
        let checksum = MessageProfile.ChecksumChoice.provided.choice(for: file)
        return [
            "type": .string(file.type.rawValue), "uri": .string(uri), "name": .string(name),
            "checksumType": .string(checksum.algorithm.rawValue), "checksum": .string(checksum.hex),
            "size": .integer(file.size),
        ]
    }
}
