// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors for `scripts/test`, which sets GRANARY_STRICT, and not for users, so that a newer toolchain still builds;
// `scripts/demo` sets it too with toolchains that are known, so that the two share their products.
let strictness: [SwiftSetting] = Context.environment["GRANARY_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : []

let settings: [SwiftSetting] =
    strictness + [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncAlgorithms = product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let grdbSQLite = product(name: "GRDBSQLite", package: "GRDB.swift")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let subprocess = product(name: "Subprocess", package: "swift-subprocess")
    static let system = product(name: "SystemPackage", package: "swift-system")
    static let signals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let yams = product(name: "Yams", package: "Yams")
}

/// A room of ARCHITECTURE.md: the folder is plain (`Sources/Ingest`), the module carries the prefix (`GranaryIngest`).
func room(_ folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: "Granary\(folder)", dependencies: dependencies, path: "Sources/\(folder)", swiftSettings: settings)
}

func tests(_ folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(folder)Tests", dependencies: dependencies + ["GranaryCore"], path: "Tests/\(folder)Tests",
        swiftSettings: settings)
}

let package = Package(
    name: "granary",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "granary", targets: ["granary"]),
        // For Benchmarks, which is a package of its own.
        .library(name: "GranaryMessaging", targets: ["GranaryAWS", "GranaryCore"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // Floor 0: words, rules, seams.
        .systemLibrary(
            name: "CPCRE2", path: "Sources/CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .target(name: "CLinux", path: "Sources/CLinux"),
        .systemLibrary(
            name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CLibXML2", path: "Sources/CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        room("Core", [.crypto, "CPCRE2"]),

        // Floor 1: rows and bytes.
        room("Catalog", ["GranaryCore", .grdb, .grdbSQLite, .lifecycle, .logging]),
        room("Transfer", ["GranaryCore", "CLinux", "CCurl", .logging, .system]),
        room("AWS", ["GranaryCore", "GranaryTransfer", "CLibXML2", .crypto]),

        // Floor 2: the four verbs; they meet in the catalog, never here.
        room("Ingest", ["GranaryCore", "GranaryCatalog", "CLinux", .lifecycle, .logging, .asyncAlgorithms]),
        room("Processing", ["GranaryCore", "GranaryCatalog", .lifecycle, .logging, .subprocess, .system]),
        room("Delivery", ["GranaryCore", "GranaryCatalog", .lifecycle, .logging, .asyncAlgorithms]),
        room("Metrics", ["GranaryCore", "GranaryCatalog"]),

        // Floor 3: the service's own face.
        room(
            "Server",
            [
                "GranaryCore", "GranaryCatalog", .hummingbird, .hummingbirdCore, .nioCore, .nioHTTP1, .nioPosix,
                .logging,
                .lifecycle,
            ]),

        // Floor 4: commands, configuration, and the one place where everything meets.
        .executableTarget(
            name: "granary",
            dependencies: [
                "GranaryCore", "GranaryCatalog", "GranaryTransfer", "GranaryAWS", "GranaryIngest", "GranaryProcessing",
                "GranaryDelivery", "GranaryMetrics", "GranaryServer", "CLinux", .argumentParser, .lifecycle, .signals,
                .logging, .yams, .system,
            ],
            path: "Sources/granary",
            // The schemas that we send by travel in the program; `schemas/cnm` is where they are written.
            resources: [
                .embedInCode("Schemas/submission-1.6.1.json"), .embedInCode("Schemas/response-1.6.1.json"),
            ],
            swiftSettings: settings),

        // Beside the floors: what tests stand on.
        room("Testing", ["GranaryCore", "GranaryCatalog"]),

        // The oracle of what went over the wire: verifies every signature and checksum, breaks on request, keeps a journal.
        .target(
            name: "FaultServer", dependencies: ["GranaryCore", .crypto], path: "Tests/FaultServer",
            swiftSettings: settings),

        // MiniStack and moto, with the queues, topics and buckets that tests make there.
        .target(
            name: "TestBroker", dependencies: ["GranaryAWS", "GranaryTransfer", "GranaryTesting", "GranaryCore"],
            path: "Tests/TestBroker", swiftSettings: settings),

        tests("Core", ["GranaryTesting", .system]),
        tests("Catalog", ["GranaryCatalog", "GranaryTesting", .grdb]),
        tests("Transfer", ["GranaryTransfer", "GranaryTesting", "FaultServer", .logging, .system]),
        tests("AWS", ["GranaryAWS", "GranaryTransfer", "GranaryTesting", "FaultServer", "TestBroker", .system]),
        tests("FaultServer", ["FaultServer", "GranaryTesting"]),
        tests("Ingest", ["GranaryIngest", "GranaryCatalog", "GranaryTransfer", "GranaryTesting", .system]),
        tests("Processing", ["GranaryProcessing", "GranaryCatalog", "GranaryTransfer", "GranaryTesting", .system]),
        tests("Delivery", ["GranaryDelivery", "GranaryCatalog", "GranaryTransfer", "GranaryTesting", .system]),
        tests("Metrics", ["GranaryMetrics", "GranaryCatalog", "GranaryTesting"]),
        tests("Server", ["GranaryServer", "GranaryCatalog", "GranaryTesting", .lifecycle, .logging]),
        tests(
            "Command",
            [
                "granary", "GranaryCatalog", "GranaryDelivery", "GranaryIngest", "GranaryAWS", "GranaryTransfer",
                "FaultServer", "TestBroker", .subprocess, .system, "GranaryTesting",
            ]),
        tests("Layering", []),
    ]
)

// For `scripts/test-threads`: what works on threads of its own, and what its tests stand on; the rest need not be built again.
if Context.environment["GRANARY_THREADS"] == "1" {
    package.targets.append(
        .target(
            name: "CMutexWitness", path: "Tests/CMutexWitness", cSettings: [.define("_GNU_SOURCE")],
            linkerSettings: [.linkedLibrary("dl")]))
    package.targets.first { $0.name == "TransferTests" }?.dependencies.append("CMutexWitness")
    let wanted: Set = [
        "CPCRE2", "CLinux", "CCurl", "GranaryCore", "GranaryCatalog", "GranaryTransfer", "GranaryTesting",
        "FaultServer", "TransferTests", "CMutexWitness",
    ]
    package.products = []
    package.targets.removeAll { !wanted.contains($0.name) }
}
