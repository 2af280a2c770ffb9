// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryProcessing

@Suite struct RuleReactionTests {
    let site: JobSite
    let process = GranaryProcessing.Process(id: "step", version: "2", command: ["true"])
    init() throws { site = try JobSite() }

    private func reaction(_ rules: [Rule]) throws -> RuleReaction {
        try RuleReaction(rules: rules, processes: ProcessRegister([process]), steady: site.catalog.steady)
    }

    /// What the archiving transaction does.
    private func archived(_ granule: Int64, _ reaction: RuleReaction) async throws {
        let now = site.clock.now()
        try await site.catalog.write { session in
            let record = try #require(try session.granule(granule))
            try reaction.granuleArchived(record, files: session.files(ofGranule: granule), in: session, at: now)
        }
    }

    private func jobs() async throws -> [JobRecord] {
        try await site.catalog.read { try $0.query("SELECT * FROM job ORDER BY id").map(JobRecord.init(row:)) }
    }

    @Test("a rule that matches leaves a job with its input, its work and its firing")
    func fires() async throws {
        let filter = try Filter(parsing: "collection = 'IN' AND name LIKE 'g%'")
        let rule = Rule(name: "make", filter: filter, process: "step", parameters: ["mode": "fast"], priority: 5)
        let granule = try await site.granule("g1", type: .reprocessing)
        try await archived(granule, try reaction([rule]))
        let job = try #require(try await jobs().first)
        #expect(job.state == .accepted && job.rule == "make" && job.process == "step" && job.processVersion == "2")
        #expect(job.processingType == .reprocessing && job.priority == 5 && job.parameters == #"{"mode":"fast"}"#)
        #expect(try await site.work(job.id).priority == 5)
        #expect(try await site.story(job.id) == ["accepted"])
        let inputs = try await site.catalog.read { try $0.inputs(ofJob: job.id).map(\.id) }
        #expect(inputs == [granule])
    }

    @Test("a filter may name declared members of the metadata")
    func metadata() async throws {
        let (now, process) = (site.clock.now(), "step")
        let rule = Rule(
            name: "cloudy", filter: try Filter(parsing: "metadata.cloud > 50"), metadata: ["cloud": .number],
            process: process)
        for (name, cloud) in [("clear", 10), ("cloudy", 80)] {
            let granule = try await site.catalog.write {
                try $0.insertGranule(
                    GranuleID(collection: CollectionID(name: "IN", version: "1"), name: name),
                    metadata: "{\"cloud\":\(cloud)}", at: now)
            }
            try await archived(granule, try reaction([rule]))
        }
        let job = try #require(try await jobs().first)
        let inputs = try await site.catalog.read { try $0.inputs(ofJob: job.id).map(\.identity.name) }
        #expect(inputs == ["cloudy"])
        #expect(try await jobs().count == 1)
    }

    @Test("no job without a match, and none of a rule that is switched off")
    func silent() async throws {
        let granule = try await site.granule()
        let other = Rule(name: "other", filter: try Filter(parsing: "collection = 'ELSE'"), process: "step")
        try await archived(granule, try reaction([other, Rule(name: "off", process: "step", enabled: false)]))
        #expect(try await jobs().isEmpty)
    }

    @Test("one job for each input for ever; a new version of the rule fires again, a new revision too")
    func once() async throws {
        let (first, second) = (Rule(name: "make", process: "step"), Rule(name: "make", version: "2", process: "step"))
        let granule = try await site.granule()
        try await archived(granule, try reaction([first]))
        try await archived(granule, try reaction([first]))
        #expect(try await jobs().count == 1)
        try await archived(granule, try reaction([second]))
        #expect(try await jobs().count == 2)
        let now = site.clock.now()
        let revision = try await site.catalog.write {
            try $0.insertGranule(
                GranuleID(collection: CollectionID(name: "IN", version: "1"), name: "g1", revision: 2), at: now)
        }
        try await archived(revision, try reaction([second]))
        #expect(try await jobs().count == 3)
    }

    @Test("a rule does not fire on what descends from its own work, and says so on the granule")
    func loop() async throws {
        let (make, other) = (Rule(name: "make", process: "step"), Rule(name: "other", process: "step"))
        let source = try await site.granule("source")
        try await archived(source, try reaction([make]))
        let maker = try #require(try await jobs().last)
        let child = try await site.granule("child", jobID: maker.id)
        // Another rule may go on from there, but its products still descend from the first.
        try await archived(child, try reaction([make, other]))
        #expect(try await jobs().map(\.rule) == ["make", "other"])
        let grandchild = try await site.granule("grandchild", jobID: try #require(try await jobs().last).id)
        try await archived(grandchild, try reaction([make, other]))
        #expect(try await jobs().count == 2)
        let notes = try await site.catalog.read {
            try $0.query("SELECT * FROM event WHERE cause = 'rule not fired' ORDER BY id").map {
                "\(try $0.int64("subject_id")) \(try $0.text("actor"))"
            }
        }
        #expect(notes == ["\(child) rule/make", "\(grandchild) rule/make", "\(grandchild) rule/other"])
    }

    @Test("when the archiving transaction fails there is no job")
    func atomic() async throws {
        struct Refused: Error {}
        let (granule, now) = (try await site.granule(), site.clock.now())
        let reaction = try reaction([Rule(name: "make", process: "step")])
        await #expect(throws: Refused.self) {
            try await site.catalog.write { session in
                let record = try #require(try session.granule(granule))
                try reaction.granuleArchived(record, files: [], in: session, at: now)
                throw Refused()
            }
        }
        #expect(try await jobs().isEmpty)
    }

    @Test("faulty rules are told before anything is archived")
    func faults() throws {
        let rules = [
            Rule(name: "a b", process: "step"), Rule(name: "twice", process: "step"),
            Rule(name: "twice", process: "step"),
            Rule(name: "lost", process: "nowhere"),
            Rule(name: "odd", filter: try Filter(parsing: "no_such_property = 1"), process: "step"),
        ]
        let error = #expect(throws: GranaryError.self) { try reaction(rules) }
        #expect(error?.code == .configurationInvalid)
        for word in ["a b", "twice is defined twice", "nowhere", "no_such_property"] {
            #expect(error?.message.contains(word) == true)
        }
    }
}
