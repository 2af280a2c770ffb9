// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryTesting
import GranaryTransfer
import Testing

@Suite("Where folders lie") struct FolderPlaceTests {
    private let base: TemporaryDirectory

    init() throws {
        base = try TemporaryDirectory()
        for folder in ["staging/deep", "archive"] {
            try FileManager.default.createDirectory(
                atPath: base.file(folder), withIntermediateDirectories: true)
        }
    }

    private func place(_ name: String) -> FolderPlace { FolderPlace(base.file(name)) }

    @Test("A folder holds itself and what lies below it, and nothing else")
    func holds() {
        #expect(place("staging").holds(place("staging")))
        #expect(place("staging").holds(place("staging/deep")))
        #expect(!place("staging/deep").holds(place("staging")))
        #expect(!place("staging").holds(place("archive")))
    }

    @Test("A symbolic link hides nothing")
    func link() throws {
        try FileManager.default.createSymbolicLink(
            atPath: base.file("elsewhere"), withDestinationPath: base.file("staging/deep"))
        #expect(place("staging").holds(place("elsewhere")))
    }

    @Test("A folder that is not made yet lies where it will be")
    func missing() {
        #expect(place("staging").holds(place("staging/deep/new/box")))
        #expect(!place("staging").holds(place("archive/new")))
    }
}
