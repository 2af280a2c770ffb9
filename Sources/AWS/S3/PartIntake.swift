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
        // Room is asked for once: a piece that crosses the border of two parts goes on without waiting.
        try state.wait { $0.admission(most) }.get()
        var rest = bytes
        while !rest.isEmpty {
            if let full = state.update({ take(&rest, &$0) }) { continuation.yield(full) }
        }
    }

    /// Moves bytes into the open part; gives the one that was closed for them.
    private func take(_ bytes: inout UnsafeRawBufferPointer, _ state: inout IntakeState) -> Part? {
        let room = size(of: state.number) - state.open.count
        let piece = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
        state.open.append(contentsOf: piece)
        bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(piece.count))
        // A full part is kept until more comes, so that the last one is known to be it.
        return bytes.isEmpty ? nil : state.close(isLast: false)
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

    /// Nil while a write has to wait.
    func admission(_ most: Int) -> Result<Void, any Error>? {
        if let failure { return .failure(failure) }
        return underWay < most ? .success(()) : nil
    }

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
