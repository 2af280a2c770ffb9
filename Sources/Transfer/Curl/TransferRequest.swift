// SPDX-License-Identifier: Apache-2.0

package import GranaryCore

/// One header line of a request or an answer.
package struct TransferHeader: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// True when the line can be sent as it is: nothing in it ends it, and the name is a token.
    package var isSafe: Bool {
        !name.isEmpty && name.utf8.allSatisfy(isToken) && !value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
    }
}

extension TransferHeader {
    /// However the name is written.
    fileprivate func isNamed(_ other: String) -> Bool {
        name.utf8.count == other.utf8.count && zip(name.utf8, other.utf8).allSatisfy { lowercase($0) == lowercase($1) }
    }
}

private func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

private func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

/// Gives the bytes of an upload in order. Called from the engine's thread: it may wait for a disk, never for another
/// transfer.
package protocol ByteSource: AnyObject, Sendable {
    /// In bytes, all of them; the upload fails when fewer come.
    var length: Int64 { get }

    /// Fills the buffer with the next bytes and returns their number; 0 is the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

    /// Makes the next `read` begin at the first byte. Called before each try.
    func rewind() throws
}

/// One request to one server. Everything secret in it is in `access` or in headers, and neither appears in errors.
package struct TransferRequest: Sendable {
    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        case source(any ByteSource)
    }

    /// Of http. `HEAD` asks for no body.
    package var method = "GET"
    /// Percent-encoded: visible ASCII only, without a user; dot segments are sent as they are.
    package var url: String
    /// Of http; `Content-Length` is the engine's and is left out when it is here.
    package var headers: [TransferHeader] = []
    /// Of http: further headers, asked for when the request leaves the line of its host: a signature ages while it waits.
    package var headersWhenSent: (@Sendable () -> [TransferHeader])?
    package var body = Body.none
    /// Ftp and sftp: the first byte wanted. Users of http send `Range` themselves.
    package var offset: Int64 = 0
    package var access: ServerAccess
    /// Ftp and sftp: ask for the time of the last change.
    package var wantsModified = false
    /// Ftp and sftp: look, do not fetch.
    package var isHead = false
    /// Ftp and sftp: the listing of a directory shall give names alone.
    package var namesOnly = false
    /// Ftp and sftp: the body comes in the pieces that the protocol gives it in, and so is never held back for a rate.
    package var isListing = false
    /// Ftp: what a directory is listed by instead of `LIST`.
    package var listCommand: String?
    /// Ftp: enter the path's directory; otherwise the whole path is the command's argument.
    package var changesDirectory = false
    /// Ftp and sftp: commands at the very start, as `CURLOPT_QUOTE` takes them. Nothing in them is checked here.
    package var commands: [[UInt8]] = []
    /// Ftp: commands once the directory was entered.
    package var preparedCommands: [[UInt8]] = []

    package init(_ url: String, access: ServerAccess) {
        self.url = url
        self.access = access
    }
}

/// What came back.
package struct TransferAnswer: Sendable {
    /// Of http; 0 for other protocols.
    package var status = 0
    package var headers: [TransferHeader] = []
    /// What was kept in memory.
    package var body: [UInt8] = []
    /// Bytes of the body as the server announced them.
    package var length: Int64?
    /// Ftp and sftp, when it was asked for.
    package var modified: Timestamp?
    /// True when the server said where the body ends; a body that ends with its connection may have been cut.
    package var isFramed = true

    package init() {}

    /// The first header of that name, however it is written.
    package func header(_ name: String) -> String? {
        headers.first { $0.isNamed(name) }?.value
    }
}
