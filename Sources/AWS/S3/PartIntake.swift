// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import GranaryTransfer

/// Takes the bytes of one file from its source and hands them on in parts, never holding more than a few of them.
///
/// `write` waits while `most` parts are on their way. A source that must not wait asks `hasRoom` first.
final class PartIntake: ByteSink {
    struct Part: Sendable {
        var number: Int
        var bytes: [UInt8]
        /// No part comes after it.
        var isLast: Bool
    }

    /// The parts in order; ends with the error of whichever side failed.
    let parts: AsyncThrowingStream<Part, any Error>
    private let continuation: AsyncThrowingStream<Part, any Error>.Continuation
    private let partBytes: Int
    private let most: Int
    private let state = Monitor(IntakeState())

    init(partBytes: Int, most: Int) {
        self.partBytes = partBytes
        self.most = most
        (parts, continuation) = AsyncThrowingStream.makeStream(of: Part.self)
    }

    func expect(_ checksums: [Checksum]) { state.update { $0.stated = checksums } }

    /// What the source stated, known once the first part is here.
    var stated: [Checksum] { state.update { $0.stated } }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let full = try state.wait { state in take(&rest, &state) }.get()
            if let full { continuation.yield(full) }
        }
    }

    /// Moves bytes into the open part; gives the one that was closed for it, nil to wait for room.
    private func take(
        _ bytes: inout UnsafeRawBufferPointer, _ state: inout IntakeState
    ) -> Result<Part?, any Error>? {
        if let failure = state.failure { return .failure(failure) }
        guard state.underWay < most else { return nil }
        let room = size(of: state.number) - state.open.count
        let piece = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
        state.open.append(contentsOf: piece)
        bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(piece.count))
        // A full part is kept until more comes, so that the last one is known to be it.
        guard !bytes.isEmpty else { return .success(nil) }
        return .success(state.close(isLast: false))
    }

    private func size(of number: Int) -> Int { partBytes << min((number - 1) / 1250, 8) }

    /// The source has sent everything.
    func close() {
        if let last = state.update({ $0.failure == nil ? $0.close(isLast: true) : nil }) { continuation.yield(last) }
        continuation.finish()
    }

    /// Ends both sides: the source at its next write, the taker of parts at once.
    func fail(_ error: any Error) {
        let waiting = state.update { state in
            state.failure = state.failure ?? error
            return state.takeWaiting()
        }
        continuation.finish(throwing: error)
        for resume in waiting { resume() }
    }

    /// One part has arrived where it goes.
    func release() {
        let waiting = state.update { state in
            state.underWay -= 1
            return state.takeWaiting()
        }
        for resume in waiting { resume() }
    }

    func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool {
        state.update { state in
            // A write after a failure does not wait, it throws.
            if state.underWay < most || state.failure != nil { return true }
            state.waiting.append(resume)
            return false
        }
    }
}

private struct IntakeState {
    var open: [UInt8] = []
    var number = 1
    /// Parts handed on that have not arrived.
    var underWay = 0
    var failure: (any Error)?
    var stated: [Checksum] = []
    var waiting: [@Sendable () -> Void] = []

    mutating func close(isLast: Bool) -> PartIntake.Part {
        defer {
            let size = open.count
            open = []
            if !isLast { open.reserveCapacity(size) }
            number += 1
            underWay += 1
        }
        return PartIntake.Part(number: number, bytes: open, isLast: isLast)
    }

    mutating func takeWaiting() -> [@Sendable () -> Void] {
        defer { waiting = [] }
        return waiting
    }
}
