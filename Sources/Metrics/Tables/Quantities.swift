// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// A whole number of the smallest unit, written with a decimal point: `decimal(-1500, places: 3)` is `-1.500`.
func decimal(_ number: Int64, places: Int) -> String {
    let digits = padded(number.magnitude, places + 1)
    return (number < 0 ? "-" : "") + digits.dropLast(places) + "." + digits.suffix(places)
}

func padded(_ number: UInt64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

/// `1.1 MiB (1234567)`: binary multiples, cut off, and every byte behind them.
func readable(bytes: Int64) -> String {
    guard bytes >= 1024 else { return "\(bytes) B" }
    let step = (63 - bytes.leadingZeroBitCount) / 10
    let tenths = Int64(Double(bytes >> ((step - 1) * 10)) * 10 / 1024)
    return "\(decimal(tenths, places: 1)) \(binaryUnits[step]) (\(bytes))"
}

private let binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

/// `134.567 ms`, `12.345 s`, `1:02:03`: finer parts are cut off.
func readable(_ duration: Duration) -> String {
    let microseconds = duration.microseconds
    switch microseconds.magnitude {
    case ..<1_000_000: return decimal(microseconds, places: 3) + " ms"
    case ..<60_000_000: return decimal(microseconds / 1000, places: 3) + " s"
    case let long:
        let seconds = long / 1_000_000
        let clock = [seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        return (microseconds < 0 ? "-" : "") + "\(seconds / 3600):" + clock.joined(separator: ":")
    }
}

extension Duration {
    /// In few letters, where many stand side by side: `134.5 ms`, `12.34 s`, `1:02:03`, `12 d 3 h`; the rest is cut off.
    package var brief: String {
        switch microseconds.magnitude {
        case ..<1_000_000: return decimal(microseconds / 100, places: 1) + " ms"
        case ..<60_000_000: return decimal(microseconds / 10_000, places: 2) + " s"
        case ..<360_000_000_000: return readable(self)
        case let long:
            let hours = long / 3_600_000_000
            return (microseconds < 0 ? "-" : "") + "\(hours / 24) d \(hours % 24) h"
        }
    }
}
