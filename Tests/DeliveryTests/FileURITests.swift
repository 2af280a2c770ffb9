// SPDX-License-Identifier: Apache-2.0

import GranaryDelivery
import Testing

@Suite("File URIs") struct FileURITests {
    @Test(
        "A path comes back from its URI, whatever it holds",
        arguments: ["/archive", "/data/my archive", "/data/100 %/été?#x", "/a//b"])
    func roundTrip(path: String) { #expect(FileURI.path(of: FileURI.text(ofPath: path)) == path) }

    @Test("Bytes that a URI cannot hold are encoded")
    func encoding() { #expect(FileURI.text(ofPath: "/data/my archive") == "file:///data/my%20archive") }

    @Test(
        "Other addresses are no paths",
        arguments: ["s3://bucket/key", "/plain/path", "file://host/path", "https://h/p"])
    func others(uri: String) { #expect(FileURI.path(of: uri) == nil) }
}
