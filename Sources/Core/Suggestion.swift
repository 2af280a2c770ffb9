// SPDX-License-Identifier: Apache-2.0

/// The near miss behind an unknown name: what a message offers after "did you mean".
public enum Suggestion {
    /// The candidate fewest edits away from `name`, or nil when none is close enough to be a slip of the hand.
    ///
    /// Close enough is one edit in three characters, and never fewer than one; upper and lower case count as the same.
    /// Among equals the alphabetically first wins, so that a message is the same on every run.
    public static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().unicodeScalars)
        let limit = max(1, wanted.count / 3)
        let near = candidates.compactMap { candidate -> (distance: Int, name: String)? in
            let scalars = Array(candidate.lowercased().unicodeScalars)
            guard abs(scalars.count - wanted.count) <= limit else { return nil }
            let distance = distance(wanted, scalars)
            return distance <= limit ? (distance, candidate) : nil
        }
        return near.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// Levenshtein's distance, one row of the table at a time.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var row = Array(0...right.count)
        for (i, scalar) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let substituted = diagonal + (scalar == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
