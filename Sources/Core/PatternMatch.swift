// SPDX-License-Identifier: Apache-2.0

extension Pattern {
    /// What a pattern found: the whole match and its groups, as bytes of the subject.
    public struct Match: Sendable {
        let subject: [UInt8]
        let ranges: [Range<Int>?]
        let groups: [String: Int]

        /// Where in the subject the match lies, in bytes.
        public var range: Range<Int> { bytesRange(0) ?? 0..<0 }

        /// The text of the whole match.
        public var text: String { self[0] ?? "" }

        /// The text of a group by number (0 is the whole match), or nil when it took no part or does not exist.
        public subscript(group: Int) -> String? {
            bytesRange(group).map { String(decoding: subject[$0], as: UTF8.self) }
        }

        /// The text of a named group, or nil when it took no part or does not exist.
        public subscript(name: String) -> String? { groups[name].flatMap { self[$0] } }

        /// The bytes of a named group, or nil when it took no part or does not exist.
        public func bytes(_ name: String) -> [UInt8]? {
            groups[name].flatMap(bytesRange).map { Array(subject[$0]) }
        }

        private func bytesRange(_ group: Int) -> Range<Int>? {
            ranges.indices.contains(group) ? ranges[group] : nil
        }
    }
}
