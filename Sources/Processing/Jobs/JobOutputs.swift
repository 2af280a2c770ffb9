// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// Makes offers of what a job left in its output directory. Everything there must be recognised: nothing is dropped.
struct JobOutputs {
    let assignment: Assignment
    let store: any Store
    let intake: any GranuleIntake
    let provider: String
    let moment: Timestamp

    /// Throws `JobFailure` naming what cannot become a product.
    func offers() async throws -> [GranuleOffer] {
        let entries = try await entries()
        guard !entries.isEmpty else { return [] }
        let recognition = try intake.recognize(entries.keys.sorted())
        try refuse(recognition.leftOver.map(\.description), "no collection knows")
        try refuse(
            recognition.groups.filter { !$0.missing.isEmpty }.map {
                "\($0.granule) (without \($0.missing.joined(separator: ", ")))"
            }, "are incomplete:")
        try refuse(
            recognition.groups.filter { !isAllowed($0.collection) }.map { "\($0.granule) of \($0.collection)" },
            "belong to collections that process \(assignment.process.id) may not make:")
        return recognition.groups.map { offer($0, entries) }
    }

    /// By file name; products are told by names, wherever the job put them below its output directory.
    private func entries() async throws -> [BytePath: StoreEntry] {
        var entries: [BytePath: StoreEntry] = [:]
        var odd: [String] = []
        for try await page in store.entries() {
            for entry in page {
                if entry.kind != .file || entries.updateValue(entry, forKey: entry.path.name) != nil {
                    odd.append("\(entry.path) (\(entry.kind == .file ? "a name used twice" : entry.kind.rawValue))")
                }
            }
        }
        // A listing that is cancelled ends early without a word; half of a job's products must not pass for all of them.
        try Task.checkCancellation()
        try refuse(odd, "cannot be archived:")
        return entries
    }

    private func isAllowed(_ collection: CollectionID) -> Bool {
        assignment.process.outputs.isEmpty || assignment.process.outputs.contains(collection)
    }

    private func offer(_ group: Recognition.Group, _ entries: [BytePath: StoreEntry]) -> GranuleOffer {
        let files = group.members.compactMap { member in
            entries[member.name].map { OfferedFile(entry: $0, name: member.name, type: member.type) }
        }
        var offer = GranuleOffer(
            source: "job/\(assignment.process.id)", store: store, collection: group.collection,
            granule: group.granule, provider: provider, files: files, readiness: .closed,
            processingType: assignment.job.processingType, settledAt: moment)
        offer.jobID = assignment.job.id
        offer.sensedStart = group.sensedStart
        offer.sensedEnd = group.sensedEnd
        offer.metadata = lineage.text
        return offer
    }

    /// `parents` are the identities of the inputs, so that a product says by itself what it was made of.
    private var lineage: JSONValue {
        [
            "parents": .array(assignment.inputs.map { .string($0.granule.identity.description) }),
            "process": .string(assignment.process.id), "process_version": .string(assignment.process.version),
        ]
    }

    private func refuse(_ subjects: [String], _ why: String) throws {
        guard !subjects.isEmpty else { return }
        let list = subjects.sorted().joined(separator: ", ")
        throw JobFailure(
            .publish, "Outputs \(why) \(list).\nCorrect the process or its collections, then retry the job.",
            isPermanent: true)
    }
}
