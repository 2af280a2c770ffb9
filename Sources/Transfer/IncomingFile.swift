// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization
import SystemPackage

/// One file on its way into temporary space: written and hashed in one pass, by as many cores as there are lanes.
///
/// Bytes come either by `copy`, straight from an open file, or pushed by another store through `write`, which never waits
/// when `hasRoom` was asked. Nothing is made on the disk before the first of them is written.
final class IncomingFile: ByteSink {
    private let request: StageRequest
    private let output: OutputLane
    private let size: Int64?
    private let threads: TransferThreads
    // What the source states comes after the file is begun and before its first byte: the lanes are laid then.
    private let stated = Mutex<[Checksum]>([])
    private let laid = Mutex<Lanes?>(nil)

    /// - Parameter size: bytes that are expected, so that a small file takes little memory; nil when unknown.
    init(_ request: StageRequest, into workspace: Workspace, size: Int64?, threads: TransferThreads) {
        self.request = request
        self.size = size
        self.threads = threads
        output = OutputLane(request.target, in: workspace)
    }

    func expect(_ checksums: [Checksum]) { stated.withLock { $0 = checksums } }

    private var lanes: Lanes {
        laid.withLock { laid in
            if let laid { return laid }
            let digests = request.digests.union([.sha256]).union(stated.withLock { $0 }.map(\.algorithm))
            let lanes = Lanes(digests, output: output, size: size, threads: threads)
            laid = lanes
            return lanes
        }
    }

    /// Reads an open file to its end.
    func copy(from source: Descriptor) throws {
        source.expectSequentialReading()
        let ring = lanes.ring
        while try ring.produce({ buffer in
            try reporting("read", request.path, on: .source) { () throws(Errno) in try source.read(into: buffer) }
        }) > 0 {}
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try lanes.ring.push(bytes) }

    func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool { lanes.ring.hasRoom(orCall: resume) }

    /// Waits for the lanes, makes the copy read-only and says what was written.
    func finish() throws -> StagedCopy {
        let lanes = lanes
        try lanes.ring.finish()
        let written = try output.file()
        try reporting("protect", request.target, on: .store) { () throws(Errno) in
            try written.descriptor.setMode(0o444)
        }
        let checksums = lanes.digests.map { ($0.algorithm, $0.finish()) }
        let file = StagedFile(
            target: request.target, token: written.token.text, size: output.size,
            digests: Dictionary(uniqueKeysWithValues: checksums), stated: stated.withLock { $0 })
        return StagedCopy(file: file, token: written.token, descriptor: written.descriptor)
    }

    /// Removes the copy after a failure.
    func abandon() { output.abandon() }
}

/// What a file's bytes pass: one lane for each digest, one that writes.
private struct Lanes: Sendable {
    let digests: [DigestLane]
    let ring: ChunkRing

    init(_ algorithms: Set<Checksum.Algorithm>, output: OutputLane, size: Int64?, threads: TransferThreads) {
        digests = algorithms.map(DigestLane.init)
        // One byte more than expected, so that a local file that is longer than it should be is found to be.
        let expected = min(size ?? .max, .max - 1) + 1
        let chunk = Int(min(Int64(chunkBytes), max(4096, expected)))
        let slots = Int(min(Int64(slotCount), expected / Int64(chunkBytes) + 1))
        ring = ChunkRing(lanes: digests + [output], slots: slots, chunk: chunk, threads: threads)
    }
}

/// A whole copy in temporary space, still held open by the descriptor that wrote it.
struct StagedCopy: Sendable {
    let file: StagedFile
    let token: StagingToken
    let descriptor: Descriptor

    /// Flushes by the descriptor that wrote it, which alone is sure to hear of every error. The file, now durable.
    func flush() throws(GranaryError) -> StagedFile {
        try reporting("flush", file.target, on: .store) { () throws(Errno) in try descriptor.flush() }
        var durable = file
        durable.token = StagingToken(name: token.name, epoch: nil).text
        return durable
    }
}

/// Bytes that pass a lane at a time.
private let chunkBytes = 1 << 20
/// Chunks under way in one file: enough that neither reading nor the fastest lane waits for the slowest.
private let slotCount = 6

/// The lane that writes the file, which is made with its first bytes.
private final class OutputLane: ByteSink {
    private let target: BytePath
    private let workspace: Workspace
    private let made = Mutex<(file: TemporaryFile?, isAbandoned: Bool)>((nil, false))
    private let written = Atomic<Int64>(0)

    init(_ target: BytePath, in workspace: Workspace) {
        self.target = target
        self.workspace = workspace
    }

    var size: Int64 { written.load(ordering: .acquiring) }

    /// The temporary file, made now if it is not yet.
    func file() throws -> TemporaryFile {
        try made.withLock { made in
            if let file = made.file { return file }
            // A lane may still be under way when the file is given up.
            guard !made.isAbandoned else { throw CancellationError() }
            let file = try workspace.create(for: target)
            made.file = file
            return file
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        let descriptor = try file().descriptor
        try reporting("write to", target, on: .store) { () throws(Errno) in
            try descriptor.write(bytes, inPiecesOf: workspace.pieceSize)
        }
        let end = written.add(Int64(bytes.count), ordering: .acquiringAndReleasing).newValue
        // The medium works while the cores hash, so that the flush at the end finds little left to do.
        if end % writebackBytes == 0 {
            descriptor.startWriteback(from: end - writebackBytes, count: writebackBytes)
        }
    }

    func abandon() {
        let file = made.withLock { made in
            made.isAbandoned = true
            return made.file
        }
        if let file { workspace.remove(file.token) }
    }
}

private let writebackBytes: Int64 = 8 << 20

/// A lane that hashes.
private final class DigestLane: ByteSink {
    let algorithm: Checksum.Algorithm
    private let running: Mutex<RunningChecksum>

    init(_ algorithm: Checksum.Algorithm) {
        self.algorithm = algorithm
        running = Mutex(RunningChecksum(algorithm))
    }

    func write(_ bytes: UnsafeRawBufferPointer) { running.withLock { $0.update(bytes) } }

    func finish() -> Checksum { running.withLock { $0.finish() } }
}
