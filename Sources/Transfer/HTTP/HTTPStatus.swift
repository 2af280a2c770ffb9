// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension RemoteStatus {
    /// What the headers of an answer say of the whole file; nil when they do not tell its size.
    ///
    /// Of 206, the range must be what is left from `offset` on, or the answer says nothing.
    init?(_ answer: TransferAnswer, from offset: Int64) {
        let size = answer.status == 206 ? Self.total(answer.header("Content-Range"), from: offset) : answer.length
        guard let size else { return nil }
        let modified = answer.header("Last-Modified").flatMap(httpDate).map { $0.microseconds / 1_000_000 }
        self.init(size: size, modified: modified, tag: Self.tag(answer.header("ETag"), size: size, modified: modified))
    }

    /// `bytes 5-9/10`, from 5 on: 10.
    private static func total(_ range: String?, from offset: Int64) -> Int64? {
        guard let words = range?.split(separator: " "), words.count == 2, words[0].lowercased() == "bytes" else {
            return nil
        }
        let parts = words[1].split { $0 == "-" || $0 == "/" }
        guard parts.count == 3, let last = Int64(parts[1]), let total = Int64(parts[2]), Int64(parts[0]) == offset,
            last == total - 1
        else { return nil }
        return total
    }

    /// A strong tag. nginx makes its own of time and size: then it says nothing that these do not say, and a listing that
    /// states both says as much.
    private static func tag(_ text: String?, size: Int64, modified: Int64?) -> String? {
        guard let text, text.utf8.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") else { return nil }
        let plain = modified.map { "\"\(String($0, radix: 16))-\(String(size, radix: 16))\"" }
        return text == plain ? nil : text
    }
}

/// A moment as http headers have it, to the second.
func httpDateText(_ seconds: Int64) -> String {
    let text = Timestamp(seconds: seconds).description
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let (day, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let weekday = days[Int(((day - (rest < 0 ? 1 : 0)) % 7 + 7) % 7)]
    let parts = text.prefix(10).split(separator: "-")
    let month = months[(Int(parts[1]) ?? 1) - 1]
    return "\(weekday), \(parts[2]) \(month) \(parts[0]) \(text.dropFirst(11).prefix(8)) GMT"
}
