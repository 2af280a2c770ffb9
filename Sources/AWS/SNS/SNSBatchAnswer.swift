// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// What SNS says of a batch: `<PublishBatchResult>` with `<Successful>` and `<Failed>`, each of `<member>`s.
struct SNSBatchAnswer {
    private var successful: [[String: String]] = []
    private var failed: [[String: String]] = []

    init(_ document: [UInt8]) throws {
        var (successful, failed): ([[String: String]], [[String: String]]) = ([], [])
        try XMLReader.decode(document) { _, reader in
            while let name = try reader.nextChild() {
                guard name == "PublishBatchResult" else { try reader.skip(); continue }
                while let list = try reader.nextChild() {
                    let members = try Self.members(reader)
                    if list == "Successful" { successful += members } else { failed += members }
                }
            }
        }
        (self.successful, self.failed) = (successful, failed)
    }

    private static func members(_ reader: XMLReader) throws -> [[String: String]] {
        var members: [[String: String]] = []
        while try reader.nextChild() != nil { members.append(try reader.texts()) }
        return members
    }

    /// One result for each entry; they are named by their place.
    func results(count: Int, topic: String) -> [Result<String, any Error>] {
        var results = [Result<String, any Error>](
            repeating: .failure(AWSFault.unanswered.error(doing: "publish to", subject: topic)), count: count)
        for (index, texts) in placed(successful, in: results) { results[index] = .success(texts["MessageId"] ?? "") }
        for (index, texts) in placed(failed, in: results) {
            results[index] = .failure(Self.fault(texts).error(doing: "publish to", subject: topic))
        }
        return results
    }

    private func placed(_ members: [[String: String]], in results: [some Any]) -> [(Int, [String: String])] {
        members.compactMap { texts in
            texts["Id"].flatMap { Int($0) }.flatMap { results.indices.contains($0) ? ($0, texts) : nil }
        }
    }

    private static func fault(_ texts: [String: String]) -> AWSFault {
        AWSFault(
            entry: [
                "Code": .string(texts["Code"] ?? "InternalError"), "Message": .string(texts["Message"] ?? ""),
                "SenderFault": .boolean(texts["SenderFault"] == "true"),
            ])
    }
}
