// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One value of a table, with the unit that its writing depends on.
public enum Cell: Sendable, Hashable {
    /// Nothing is known, or the column means nothing for this row; never a zero.
    case none
    case text(String)
    case path(BytePath)
    case integer(Int64)
    /// A volume.
    case bytes(Int64)
    case time(Timestamp)
    case duration(Duration)
    case share(Share)
}

/// A part of a whole.
public struct Share: Sendable, Hashable {
    public let part: Int64
    public let whole: Int64

    /// Nil when there is no whole to be a part of.
    public init?(_ part: Int64, of whole: Int64) {
        guard whole > 0, (0...whole).contains(part) else { return nil }
        (self.part, self.whole) = (part, whole)
    }

    /// Hundredths of a percent, cut off, so that only the whole is ever shown as 100 %.
    public var hundredths: Int64 {
        let (high, low) = part.magnitude.multipliedFullWidth(by: 10_000)
        return Int64(whole.magnitude.dividingFullWidth((high, low)).quotient)
    }
}

extension Cell {
    /// The value for people: control characters escaped, volumes and durations in units that can be read.
    var visible: String {
        switch self {
        case .none: "-"
        case .text(let text): tamed(text)
        case .path(let path): path.description
        case .integer(let number): String(number)
        case .bytes(let bytes): readable(bytes: bytes)
        case .time(let moment): moment.description
        case .duration(let duration): readable(duration)
        case .share(let share): decimal(share.hundredths, places: 2) + " %"
        }
    }

    /// The value for programs, exact and without a unit: bytes, seconds, percent, UTC.
    var exact: String {
        switch self {
        case .none: ""
        case .text(let text): text
        case .path(let path): path.text ?? path.description
        case .integer(let number), .bytes(let number): String(number)
        case .time(let moment): moment.description
        case .duration(let duration): decimal(duration.microseconds, places: 6)
        case .share(let share): decimal(share.hundredths, places: 2)
        }
    }

    /// The value in JSON: durations in seconds, shares in percent.
    public var json: JSONValue {
        switch self {
        case .none: .null
        case .text, .path, .time: .string(exact)
        case .integer(let number), .bytes(let number): .integer(number)
        case .duration(let duration): .number(duration.seconds)
        case .share(let share): .number(Double(share.hundredths) / 100)
        }
    }

    /// True for what came as text and could hold anything.
    var isText: Bool {
        switch self {
        case .text, .path: true
        default: false
        }
    }
}

/// Text for a terminal, on one line: control characters are escaped as in names. A backslash stands for itself, because
/// text may quote a name that is escaped already.
package func tamed(_ text: String) -> String {
    let parts = text.split(separator: "\\", omittingEmptySubsequences: false)
    return parts.map { BytePath(String($0)).description }.joined(separator: "\\")
}
