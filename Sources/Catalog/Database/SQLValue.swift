// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A value as the database keeps it. Times are integers (microseconds UTC), truth is 0 or 1.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])
}

/// Something that can be bound to a `?` of a statement.
public protocol SQLConvertible: Sendable {
    var sql: SQLValue { get }
}

extension SQLValue: SQLConvertible {
    public var sql: SQLValue { self }
}
extension Int: SQLConvertible {
    public var sql: SQLValue { .integer(Int64(self)) }
}
extension Int64: SQLConvertible {
    public var sql: SQLValue { .integer(self) }
}
extension Int32: SQLConvertible {
    public var sql: SQLValue { .integer(Int64(self)) }
}
extension Double: SQLConvertible {
    public var sql: SQLValue { .real(self) }
}
extension Bool: SQLConvertible {
    public var sql: SQLValue { .integer(self ? 1 : 0) }
}
extension String: SQLConvertible {
    public var sql: SQLValue { .text(self) }
}
extension [UInt8]: SQLConvertible {
    public var sql: SQLValue { .bytes(self) }
}
extension BytePath: SQLConvertible {
    public var sql: SQLValue { .bytes(bytes) }
}
extension Timestamp: SQLConvertible {
    public var sql: SQLValue { .integer(microseconds) }
}
extension Checksum: SQLConvertible {
    public var sql: SQLValue { .text(description) }
}
extension SQLConvertible where Self: RawRepresentable<String> {
    public var sql: SQLValue { .text(rawValue) }
}
extension ArrivalState: SQLConvertible {}
extension GranuleState: SQLConvertible {}
extension WorkState: SQLConvertible {}
extension JobState: SQLConvertible {}
extension SubmissionState: SQLConvertible {}
extension FailureClass: SQLConvertible {}
extension FileType: SQLConvertible {}
extension Readiness: SQLConvertible {}
extension Verification: SQLConvertible {}
extension ProcessingType: SQLConvertible {}
extension GranaryError.Code: SQLConvertible {}
