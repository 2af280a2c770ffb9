// swift-tools-version: 6.2
import PackageDescription

// What `scripts/bench` measures with beside the program itself. A package of its own, so that nobody builds it unasked.
let package = Package(
    name: "granary-benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "granary", path: "..")],
    targets: [
        .executableTarget(name: "message-rate", dependencies: [.product(name: "GranaryMessaging", package: "granary")])
    ]
)
