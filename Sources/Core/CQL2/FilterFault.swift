// SPDX-License-Identifier: Apache-2.0

/// The two shapes of a filter's faults.
enum FilterFault {
    /// The text is not CQL2: says where, as line and column, both from one.
    static func syntax(_ source: [Unicode.Scalar], _ offset: Int, _ what: String) -> GranaryError {
        let before = source.prefix(offset)
        let line = 1 + before.count { $0 == "\n" }
        let column = 1 + (before.lastIndex(of: "\n").map { offset - $0 - 1 } ?? offset)
        var view = String.UnicodeScalarView()
        view.append(contentsOf: source.prefix(200))
        return GranaryError(
            .filterInvalid, "The filter is not valid at line \(line), column \(column): \(what).",
            subject: String(view),
            remedy: "Correct the filter there; it is written in CQL2 text (OGC 21-065r2).")
    }

    /// The text is CQL2 but cannot be carried out.
    static func meaning(_ what: String, remedy: String) -> GranaryError {
        GranaryError(.filterInvalid, what, remedy: remedy)
    }
}
