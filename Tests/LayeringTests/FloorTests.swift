// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The table of rooms in ARCHITECTURE.md is the one list; Package.swift and the import lines are held against it.
@Suite("The floors") struct FloorTests {
    @Test("every folder of Sources is a room of the table, and every room of the table is a folder")
    func rooms() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Tree.root.appending(path: "Sources").path())
        #expect(Set(folders) == Set(try Room.table().map(\.folder)))
    }

    @Test("a room imports the rooms and libraries that the table names for it, and no others")
    func imports() throws {
        for room in try Room.table() where !room.isForeign {
            let imported = try Tree.swift(in: "Sources/\(room.folder)").reduce(into: Set<String>()) { modules, file in
                modules.formUnion(try file.matches(of: importLine).map { $0[0] })
            }
            #expect(imported.subtracting(systemModules).symmetricDifference(room.mayImport) == [], "\(room.folder)")
        }
    }

    @Test("Package.swift declares for a room what the table names for it")
    func declarations() throws {
        let package = try Package()
        for room in try Room.table() where !room.isForeign {
            #expect(
                try package.dependencies(of: room.folder).symmetricDifference(room.mayImport) == [], "\(room.folder)")
        }
    }

    @Test("the four verbs import none of each other")
    func verbs() throws {
        let verbs = ["Ingest", "Processing", "Delivery", "Metrics"]
        for room in try Room.table() where verbs.contains(room.folder) {
            #expect(room.mayImport.isDisjoint(with: verbs.map { "Granary\($0)" }), "\(room.folder)")
        }
    }

    @Test("arrows lead downwards: to lower floors, and below the verbs to rooms that stand earlier in the table")
    func downwards() throws {
        let rooms = try Room.table()
        let places = Dictionary(
            uniqueKeysWithValues: rooms.enumerated().map { ($1.module, (floor: $1.floor, row: $0)) })
        for (row, room) in rooms.enumerated() {
            for other in room.mayImport.compactMap({ places[$0] }) {
                #expect(other.floor < room.floor || (room.floor < 2 && other.row < row), "\(room.folder)")
            }
        }
    }
}

private let importLine =
    #"(?m)^(?:@\w+ )?(?:(?:public|package|internal|private|fileprivate) )?import (?:(?:struct|enum|class|func) )?(\w+)"#

/// What every room may import: the system, the language's own library.
private let systemModules: Set<String> = [
    "Glibc", "Synchronization", "Dispatch", "Foundation", "FoundationEssentials", "Testing",
]

/// A row of the table.
private struct Room {
    let floor: Int
    let folder: String
    let mayImport: Set<String>

    /// C code of ours or of the system: it imports nothing of Swift.
    var isForeign: Bool { folder.hasPrefix("C") && folder.dropFirst().first?.isUppercase == true }
    var module: String { isForeign || folder == "granary" ? folder : "Granary\(folder)" }

    static func table() throws -> [Room] {
        try Tree.file("ARCHITECTURE.md").matches(
            of: #"(?m)^\| (\d|beside) \| `Sources/(\w+)` \| ([^|]*) \| ([^|]*) \|"#
        )
        .map { row in
            let rooms = words(row[2]).map { $0.hasPrefix("C") && $0 != "Core" && $0 != "Catalog" ? $0 : "Granary\($0)" }
            return Room(floor: Int(row[0]) ?? 4, folder: row[1], mayImport: Set(rooms + words(row[3])))
        }
    }

    private static func words(_ cell: String) -> [String] {
        cell.split { $0 == "," || $0 == " " || $0 == "–" || $0 == "`" }.map(String.init)
    }
}

/// What Package.swift says, read as text: the manifest's own language is Swift, which a test cannot run.
private struct Package {
    private let text: String
    private let products: [String: String]

    init() throws {
        let file = try Tree.file("Package.swift")
        text = file.text
        let named = try file.matches(of: #"static let (\w+) = product\(name: "(\w+)""#).map { ($0[0], $0[1]) }
        products = Dictionary(uniqueKeysWithValues: named)
    }

    func dependencies(of folder: String) throws -> Set<String> {
        let start =
            folder == "granary"
            ? #"\.executableTarget\(\s*name: "granary",\s*dependencies: "# : #"room\(\s*"\#(folder)",\s*"#
        let file = TextFile(path: "Package.swift", text: text)
        let list = try file.matches(of: start + #"\[([^\]]*)\]"#).first?.first ?? ""
        return Set(
            try TextFile(path: "", text: list).matches(of: #"("\w+"|\.\w+)"#).compactMap { token in
                token[0].hasPrefix(".")
                    ? products[String(token[0].dropFirst())] : token[0].trimmingCharacters(in: ["\""])
            })
    }
}
