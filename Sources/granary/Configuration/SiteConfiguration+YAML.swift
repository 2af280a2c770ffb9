// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryIngest
import GranaryProcessing
import SystemPackage
import Yams

extension SiteConfiguration {
    /// Reads the configuration of the site whose home is given, with all the process files that it names.
    init(home: String) throws {
        let file = home + "/granary.yaml"
        let node = try yaml(at: file)
        self = try MappingReader.whole(node, path: "") { try SiteConfiguration($0, home: home) }
        try check()
    }

    private init(_ reader: MappingReader, home: String) throws {
        self.home = home
        site = try reader.required("site", reader.text("site"))
        provider = try reader.text("provider") ?? site
        archive = try reader.filePlace("archive", home: home) ?? FilePlace("archive", home: home, server: nil)
        work = absolute(try reader.text("work") ?? "work", from: home)
        workers = try reader.number("workers", in: 1...256) ?? 2
        servers = try reader.list("servers") { try ServerSettings($0, home: home) }
        let provider = provider
        collections = try reader.list("collections") { try Collection($0, provider: provider) }
        watchers = try reader.list("watchers") { try WatcherSettings($0, home: home) }
        processes = try Self.processes(in: absolute(try reader.text("processes") ?? "processes", from: home))
        rules = try reader.list("rules") { try Rule($0) }
        let archive = archive.uri
        destinations = try reader.list("destinations") {
            try DestinationSettings($0, home: home, archive: archive, provider: provider)
        }
        notifications = try reader.list("notifications") { try NotificationSettings($0, home: home) }
    }

    /// Every `*.yaml` of a folder is one process; a site without the folder has none.
    private static func processes(in folder: String) throws -> [Process] {
        try namesOfFiles(in: folder).filter { $0.hasSuffix(".yaml") }.sorted().map { name in
            try MappingReader.whole(try yaml(at: "\(folder)/\(name)"), path: "processes/\(name)") { try Process($0) }
        }
    }
}

extension Collection {
    init(_ reader: MappingReader, provider: String) throws {
        let name = try reader.required("name", reader.text("name"))
        let version = try reader.required("version", reader.text("version"))
        self.init(
            id: CollectionID(name: name, version: version), provider: try reader.text("provider") ?? provider,
            files: try reader.list("files") { try FileRule($0) },
            archivePath: try reader.parsed("path", PathTemplate.init) ?? .standard,
            checksums: try reader.word("checksums") ?? .require, conflicts: try reader.word("conflicts") ?? .error,
            wait: try reader.duration("wait") ?? .seconds(3600),
            processingType: try reader.word("processing-type") ?? .forward,
            examples: try reader.list("examples") { try NameExample($0) })
        guard !files.isEmpty else {
            throw complaint(reader.place("files"), "a collection needs at least one kind of file")
        }
    }
}

extension FileRule {
    init(_ reader: MappingReader) throws {
        let pattern = try reader.parsed("pattern") { try Pattern($0, isFull: true) }
        self.init(
            pattern: try reader.required("pattern", pattern), type: try reader.word("type") ?? .data,
            name: try reader.text("name"), isRequired: try reader.truth("required") ?? true)
    }
}

extension NameExample {
    init(_ reader: MappingReader) throws {
        self.init(
            name: try reader.required("name", reader.text("name")),
            granule: try reader.required("granule", reader.text("granule")))
    }
}

extension WatcherSettings {
    init(_ reader: MappingReader, home: String) throws {
        let name = try reader.required("name", reader.text("name"))
        let settle = try reader.mapping("settle") { reader in
            SettleRule(
                looks: try reader.number("looks", in: 1...100) ?? SettleRule().looks,
                window: try reader.duration("window") ?? SettleRule().window)
        }
        guard !name.contains("/") else { throw complaint(reader.place("name"), "a watcher's name holds no “/”") }
        source = try Self.source(reader, home: home)
        notices = try reader.messagePlace("notices", home: home, server: source.server)
        // A listing over a network costs both sides more than one of a folder.
        let pace = Duration.seconds(source.folder == nil ? 60 : 10)
        configuration = WatcherConfiguration(
            name: name, interval: try reader.duration("interval") ?? pace, settle: settle ?? SettleRule(),
            temporary: try reader.texts("temporary")?.map(NameGlob.init) ?? WatcherConfiguration.usualTemporary,
            exclude: try reader.texts("exclude")?.map(NameGlob.init) ?? [],
            afterwards: try reader.word("afterwards") ?? .keep)
    }
}

extension WatcherSettings {
    /// `directory` for a folder, `source` for any place.
    private static func source(_ reader: MappingReader, home: String) throws -> FilePlace {
        let server = try reader.text("server")
        let directory = try reader.text("directory").map {
            try FilePlace(absolute($0, from: home), home: home, server: nil)
        }
        let source = try reader.filePlace("source", home: home, server: server)
        guard directory == nil || source == nil else {
            throw complaint(reader.place("source"), "`directory` says already where it is; one of the two is enough")
        }
        return try reader.required("directory", directory ?? source)
    }
}

/// A path as the configuration writes it: absolute, or relative to the home.
func absolute(_ path: String, from home: String) -> String {
    FilePath(home).pushing(FilePath(path)).lexicallyNormalized().string
}
