// SPDX-License-Identifier: Apache-2.0

internal import GRDB
public import GranaryCore

extension GranaryError.Code {
    /// A row that the schema forbids: a defect of ours, never input.
    public static let catalogConstraint: Self = "catalog.constraint"
}

/// Puts what SQLite reports into words; other errors pass.
func inWords<Value>(_ path: String? = nil, _ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as DatabaseError {
        throw GranaryError(error, path: path)
    }
}

/// The same for bodies that wait.
func inWords<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as DatabaseError {
        throw GranaryError(error, path: nil)
    }
}

extension GranaryError {
    init(_ error: DatabaseError, path: String?) {
        let said = error.message ?? "\(error.resultCode)"
        let catalog = path.map { "The catalog \($0)" } ?? "The catalog"
        switch error.resultCode.primaryResultCode {
        case .SQLITE_FULL:
            self.init(
                .storeFull, "\(catalog) cannot grow: its disk is full.", subject: path,
                remedy: "Make room on the catalog's disk; nothing that was acknowledged is lost.",
                disposition: .retry(after: nil), cause: error)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .catalogFailed, "\(catalog) is held by another process: \(said).", subject: path,
                remedy: "Only one process may own a catalog; end the other one.", disposition: .retry(after: nil),
                cause: error)
        case .SQLITE_CONSTRAINT:
            self.init(
                .catalogConstraint, "\(catalog) refused a row that its schema forbids: \(said).", subject: path,
                remedy: "This is a defect of Granary; report it with this message.", cause: error)
        default:
            self.init(
                .catalogFailed, "\(catalog) cannot be used: \(said).", subject: path,
                remedy:
                    "Check that the file and its folder are there and writable; `granary check catalog` tells more.",
                cause: error)
        }
    }
}
