// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryDelivery

extension DestinationSettings {
    init(_ reader: MappingReader, home: String, archive: String, provider: String) throws {
        let name = try reader.required("name", reader.text("name"))
        let base = try reader.text("uri-base") ?? archive
        let profile = try reader.mapping("cnm") { try MessageProfile($0, base: base) }
        destination = Destination(name: name, profile: profile ?? MessageProfile(uriBase: base))
        if destination.profile.provider == nil { destination.profile.provider = provider }
        destination.filter = try reader.parsed("filter", Filter.init(parsing:))
        destination.collections = Set(try reader.list("collections") { try CollectionID($0) })
        destination.deadline = try reader.duration("deadline") ?? destination.deadline
        destination.resend = try reader.mapping("resend") { try ResendPolicy($0) } ?? ResendPolicy()
        let server = try reader.text("server")
        outbox = try reader.required("outbox", reader.messagePlace("outbox", home: home, server: server))
        inbox = try reader.messagePlace("inbox", home: home, server: server)
        interval = try reader.duration("interval") ?? .seconds(1)
        if let fault = destination.validate(metadata: try reader.types("metadata")).first {
            throw complaint(reader.path, fault)
        }
    }
}

extension MessageProfile {
    fileprivate init(_ reader: MappingReader, base: String) throws {
        self.init(uriBase: base)
        version = try reader.text("version") ?? version
        collectionForm = try reader.word("collection") ?? collectionForm
        checksum = try reader.word("checksum") ?? checksum
        provider = try reader.text("provider")
        trace = try reader.text("trace")
        maximumBytes = try reader.number("maximum-bytes", in: 1024...(1 << 20)) ?? maximumBytes
        collections = try reader.collectionMap("collections")
    }
}

extension ResendPolicy {
    fileprivate init(_ reader: MappingReader) throws {
        let standard = ResendPolicy()
        self.init(
            transfer: try reader.word("transfer") ?? standard.transfer,
            validation: try reader.word("validation") ?? standard.validation,
            processing: try reader.word("processing") ?? standard.processing,
            overdue: try reader.word("overdue") ?? standard.overdue,
            maximumSends: try reader.number("maximum", in: 1...1000) ?? standard.maximumSends,
            delay: try reader.duration("delay") ?? standard.delay)
    }
}

extension NotificationSettings {
    init(_ reader: MappingReader, home: String) throws {
        name = try reader.required("name", reader.text("name"))
        let server = try reader.text("server")
        inbox = try reader.required("inbox", reader.messagePlace("inbox", home: home, server: server))
        outbox = try reader.required("outbox", reader.messagePlace("outbox", home: home, server: server))
        allow = try reader.filePlaces("allow", home: home, server: server)
        collections = try reader.collectionMap("collections")
        collectionVersion = try reader.text("collection-version")
        provider = try reader.text("provider") ?? name
        interval = try reader.duration("interval") ?? .seconds(1)
        guard !allow.isEmpty else {
            throw complaint(reader.place("allow"), "nothing may be fetched unless a place is named from which it may")
        }
    }
}

extension MappingReader {
    /// A list of `{name, version, as: {name, version}}`: how the two sides call the same collection.
    fileprivate func collectionMap(_ key: String) throws -> [CollectionID: CollectionID] {
        let pairs = try list(key) { reader in
            (try CollectionID(reader), try reader.required("as", reader.mapping("as") { try CollectionID($0) }))
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
}
