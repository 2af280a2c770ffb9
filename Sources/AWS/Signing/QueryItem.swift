// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// One parameter of a query, not encoded. One without a value (`?uploads`) has an empty one: it is signed the same.
package struct QueryItem: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String = "") {
        self.name = name
        self.value = value
    }
}

extension [QueryItem] {
    /// The query as it is signed, and as it is sent, so that the two cannot differ: encoded, in the order of its bytes.
    package var canonical: String {
        map { (percentEncoded($0.name, keeping: .unreserved), percentEncoded($0.value, keeping: .unreserved)) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }
}
