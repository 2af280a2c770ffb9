// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryTransfer

/// Short enough that a test that goes wrong ends soon.
func access(_ change: (inout ServerAccess) -> Void = { _ in }) -> ServerAccess {
    var access = ServerAccess()
    access.totalLimit = .seconds(60)
    change(&access)
    return access
}

/// Expects an error of ours with a code.
func expect<Value>(
    code: GranaryError.Code, _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> Value
) async {
    do {
        let value = try await body()
        Issue.record("no error but \(value)", sourceLocation: location)
    } catch {
        let found = (error as? GranaryError)?.code
        #expect(found == code, "\(error)", sourceLocation: location)
    }
}

/// Gives bytes in pieces, and may claim to have more of them.
final class ArraySource: ByteSource {
    let length: Int64
    private let bytes: [UInt8]
    private let position = Mutex(0)

    init(_ bytes: [UInt8], claims length: Int? = nil) {
        self.bytes = bytes
        self.length = Int64(length ?? bytes.count)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        position.withLock { position in
            let piece = bytes[position...].prefix(min(buffer.count, 10_007))
            buffer.copyBytes(from: piece)
            position += piece.count
            return piece.count
        }
    }

    func rewind() throws { position.withLock { $0 = 0 } }
}

final class BrokenSink: ByteSink {
    func write(_ bytes: UnsafeRawBufferPointer) throws { throw GranaryError.planned(.checksumMismatch) }
}
