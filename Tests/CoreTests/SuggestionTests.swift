// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@Suite struct SuggestionTests {
    @Test(
        "A slip of the hand finds the name that was meant",
        arguments: [
            ("colection", "collection"), ("Collection", "collection"), ("stat", "state"), ("colletcion", "collection"),
            ("sizee", "size"),
        ])
    func near(name: String, meant: String) {
        #expect(Suggestion.nearest(to: name, among: ["size", "state", "collection"]) == meant)
    }

    @Test("What resembles nothing gets no suggestion", arguments: ["", "xyz", "orbit_number", "s"])
    func far(name: String) {
        #expect(Suggestion.nearest(to: name, among: ["size", "state", "collection"]) == nil)
    }

    @Test("Among equals the alphabetically first is suggested")
    func ties() {
        #expect(Suggestion.nearest(to: "cat", among: ["hat", "bat", "mat"]) == "bat")
        #expect(Suggestion.nearest(to: "cat", among: [String]()) == nil)
    }
}
