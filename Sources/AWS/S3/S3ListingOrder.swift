// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// Sees that a listing goes forward: no key twice, no page again, and so never without end.
///
/// S3 orders keys by their bytes; services that keep a tree (SeaweedFS) list what is in a folder right after its name. A
/// listing has to keep one of the two orders from its first key to its last.
struct S3ListingOrder: Sendable {
    private var last: BytePath?
    private var isByBytes = true
    private var isByTree = true
    // Hashes of the tokens so far: a page names a thousand keys, so that a billion of them take a few megabytes.
    private var tokens: Set<Int> = []
    private var emptyPages = 0
    private static let mostEmptyPages = 1000

    /// Throws `listing.disordered` when the page can't follow those before it.
    mutating func take(_ page: S3Page) throws(GranaryError) {
        for object in page.objects {
            if let last {
                isByBytes = isByBytes && last < object.key
                isByTree = isByTree && last.precedesInTree(object.key)
                guard isByBytes || isByTree else { throw .disordered("'\(object.key)' follows '\(last)'") }
            }
            last = object.key
        }
        emptyPages = page.objects.isEmpty ? emptyPages + 1 : 0
        // Deleted versions leave empty pages behind; a server that has lost its way gives them without end.
        guard emptyPages <= Self.mostEmptyPages else { throw .disordered("page after page is empty") }
        if let next = page.next, !tokens.insert(next.hashValue).inserted {
            throw .disordered("a page names one that was there before as the next")
        }
    }
}

extension BytePath {
    /// Whether this comes first where `/` counts as less than every other byte.
    fileprivate func precedesInTree(_ other: BytePath) -> Bool {
        bytes.lexicographicallyPrecedes(other.bytes) { rank($0) < rank($1) }
    }
}

private func rank(_ byte: UInt8) -> Int { byte == UInt8(ascii: "/") ? -1 : Int(byte) }

extension GranaryError.Code {
    static let listingDisordered: Self = "listing.disordered"
}

extension GranaryError {
    fileprivate static func disordered(_ fault: String) -> GranaryError {
        GranaryError(
            .listingDisordered, "The server's listing does not go forward: \(fault).",
            remedy: "Nothing of it was believed and it is asked for again; if that lasts, have the server mended.",
            disposition: .retry(after: nil))
    }
}
