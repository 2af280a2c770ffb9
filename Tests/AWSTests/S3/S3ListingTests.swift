// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@testable import GranaryAWS

@Suite("S3 listings go forward") struct S3ListingTests {
    @Test("keys in the order of bytes, and in that of a tree, are taken")
    func orders() throws {
        try list([["a", "a+c", "a-b", "a/b"], ["b"]])
        try list([["a", "a/b", "a/b/c", "a+c"], ["a-b", "b"]])
        try list([[], ["a"], [], ["b"]])
    }

    @Test(
        "a key twice, backwards, or a page again ends the listing",
        arguments: [
            [["a", "a"]], [["b", "a"]], [["a", "b"], ["b", "c"]], [["c", "d"], ["a", "b"]], [["a"], ["b"], ["a"]],
            [["a-b", "a/b"], ["a/c", "a-c"]],
        ] as [[[BytePath]]])
    func disordered(pages: [[BytePath]]) {
        #expect { try list(pages) } throws: { ($0 as? GranaryError)?.code == .listingDisordered }
    }

    @Test("a token that was there before, and pages that stay empty, end it too")
    func endless() {
        #expect(throws: GranaryError.self) {
            var order = S3ListingOrder()
            for key: BytePath in ["a", "b", "c"] { try order.take(page([key], next: key == "b" ? "other" : "same")) }
        }
        #expect(throws: GranaryError.self) {
            var order = S3ListingOrder()
            for number in 0..<2000 { try order.take(page([], next: "t\(number)")) }
        }
    }

    private func list(_ pages: [[BytePath]]) throws {
        var order = S3ListingOrder()
        for (number, keys) in pages.enumerated() {
            try order.take(page(keys, next: number + 1 < pages.count ? "token \(number)" : nil))
        }
    }

    private func page(_ keys: [BytePath], next: String?) -> S3Page {
        var page = S3Page()
        page.objects = keys.map { S3Object(key: $0, tag: "", size: 0, modified: Timestamp(seconds: 0)) }
        page.next = next
        return page
    }
}
