// SPDX-License-Identifier: Apache-2.0

package import GranaryCore
import Synchronization

/// Looks for one name in a listing as it passes by.
final class NameFinder: ByteSink {
    private struct State {
        var splitter: LineSplitter
        var found: ListedName?
    }

    private let name: [UInt8]
    private let files: any RemoteFiles
    private let state: Mutex<State>

    init(_ name: [UInt8], _ files: any RemoteFiles) {
        self.name = name
        self.files = files
        state = Mutex(State(splitter: LineSplitter(files.framing)))
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            for line in try state.splitter.take(bytes) {
                if let listed = try files.name(of: line), listed.name == name { state.found = listed }
            }
        }
    }

    func finish() throws -> ListedName? {
        try state.withLock { state in
            try state.splitter.finish()
            return state.found
        }
    }
}

/// A small file in memory.
final class BoundedCollector: ByteSink {
    private let path: BytePath
    private let limit: Int
    private let state = Mutex<[UInt8]>([])

    init(_ path: BytePath, limit: Int) {
        self.path = path
        self.limit = limit
    }

    var bytes: [UInt8] { state.withLock { $0 } }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            guard state.count + bytes.count <= limit else { throw GranaryError.tooLarge(path, limit: limit) }
            state.append(contentsOf: bytes)
        }
    }
}

/// Passes bytes on, and never more of them than the generation has.
package final class GuardedSink: ByteSink {
    private let sink: any ByteSink
    private let path: BytePath
    private let expected: Int64
    private let passed = Mutex<Int64>(0)

    package init(_ sink: any ByteSink, _ path: BytePath, expecting expected: Int64) {
        self.sink = sink
        self.path = path
        self.expected = expected
    }

    package func expect(_ checksums: [Checksum]) { sink.expect(checksums) }
    package func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool { sink.hasRoom(orCall: resume) }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try passed.withLock { passed in
            guard passed + Int64(bytes.count) <= expected else { throw GranaryError.changed(path) }
            try sink.write(bytes)
            passed += Int64(bytes.count)
        }
    }

    /// Throws when fewer bytes came than the generation has.
    package func finish() throws(GranaryError) {
        let count = passed.withLock { $0 }
        guard count < expected else { return }
        throw GranaryError(
            .connectionLost, "Only \(count) of \(expected) bytes of '\(path)' came.", subject: path.description,
            remedy: "Check the way to the server; it is tried again, from where it stopped.",
            disposition: .retry(after: nil))
    }
}
