// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCatalog
import GranaryCore
import GranaryTransfer
import Logging

/// Makes publishers and receivers of the places that the configuration names: the one list of what fills the message
/// seam. Making one contacts nobody.
struct Queues: Sendable {
    let servers: Servers
    let catalog: Catalog

    func publisher(_ place: MessagePlace) throws -> any MessagePublisher {
        switch place.kind {
        case .folder(let path): try box(path)
        case .queue(let name): NamedQueue(name, client: try client("sqs", place))
        case .topic(let arn): SNSTopic(client: try client("sns", place), arn: arn)
        case .stream(let name): KinesisStream(client: try client("kinesis", place), name: name)
        case .bucket(let bucket, let prefix): try box(bucket, prefix, place)
        }
    }

    /// - Parameter reader: who reads; two who read one stream keep positions of their own.
    func receiver(_ place: MessagePlace, for reader: String) throws -> any MessageReceiver {
        switch place.kind {
        case .folder(let path): try box(path)
        case .queue(let name): NamedQueue(name, client: try client("sqs", place))
        case .topic(let arn): throw complaint(arn, "nothing can be received from a topic")
        case .stream(let name):
            KinesisStream(
                client: try client("kinesis", place), name: name,
                checkpoints: OwnCheckpoints(reader: reader, base: CatalogCheckpoints(catalog)))
        case .bucket(let bucket, let prefix): try box(bucket, prefix, place)
        }
    }

    /// Removes messages that an earlier life left half written, from the folders that we put messages into.
    func sweep() async throws {
        for (_, place, isInbox) in servers.configuration.boxes where !isInbox {
            if case .folder(let path) = place.kind { try await box(path).sweep() }
        }
    }

    private func client(_ service: String, _ place: MessagePlace) throws -> AWSClient {
        try servers.client(service, of: place.server, region: place.region)
    }

    private func box(_ directory: String) throws -> DirectoryMessageBox {
        try DirectoryMessageBox(directory: directory, refused: warnOfRefusal)
    }

    private func box(_ bucket: String, _ prefix: String, _ place: MessagePlace) throws -> BucketMessageBox {
        BucketMessageBox(client: try client("s3", place), bucket: bucket, prefix: prefix, refused: warnOfRefusal)
    }
}

private func warnOfRefusal(_ error: GranaryError) {
    Logger(label: "granary.messages").warning("A message was set aside", metadata: ["error": "\(error)"])
}

/// The positions of one reader, apart from those of others of the same stream.
private struct OwnCheckpoints: Checkpoints {
    let reader: String
    let base: any Checkpoints

    func checkpoint(_ name: String) async throws -> String? { try await base.checkpoint("\(reader)/\(name)") }

    func save(_ checkpoints: [String: String]) async throws {
        let own = checkpoints.map { ("\(reader)/\($0)", $1) }
        try await base.save(Dictionary(own, uniquingKeysWith: { first, _ in first }))
    }
}
