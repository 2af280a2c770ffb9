// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@testable import GranaryAWS

@Suite("S3's XML") struct S3XMLTests {
    private let page = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix>
          <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>1/=&amp;x</NextContinuationToken>
          <Contents><Key>a+b%2Bc%C3%A9%0A</Key><LastModified>2026-11-21T03:11:37.456Z</LastModified>
            <ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>
            <ChecksumType>FULL_OBJECT</ChecksumType><Size>5</Size><Owner><ID>x</ID></Owner><StorageClass/></Contents>
        </ListBucketResult>
        """

    @Test("a page of a listing is read as S3 writes it")
    func listing() throws {
        let read = try S3Page(parsing: Array(page.utf8))
        #expect(read.next == "1/=&x")
        let object = try #require(read.objects.first)
        #expect(object.key == BytePath("a b+c\u{E9}\n") && object.size == 5)
        #expect(object.tag == "9b2cf535f27731c974343645a3985328" && object.algorithms == ["CRC64NVME"])
        #expect(object.isFullObject && object.modified == Timestamp(parsing: "2026-11-21T03:11:37Z"))
    }

    @Test("a page that is cut off anywhere is an error")
    func cut() throws {
        let bytes = Array(page.utf8)
        for count in 0..<bytes.count {
            #expect(throws: GranaryError.self) { try S3Page(parsing: Array(bytes[..<count])) }
        }
        #expect(throws: Never.self) { try S3Page(parsing: bytes) }
    }

    @Test(
        "what a page must not be",
        arguments: [
            "", " ", "<ListBucketResult>", "<ListBucketResult/><ListBucketResult/>",
            "<html><body>Sign in</body></html>",
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
            "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
            "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size><LastModified>2026-11-21T03:11:37Z</LastModified></Contents></ListBucketResult>",
            "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%zz</Key><Size>1</Size><LastModified>2026-11-21T03:11:37Z</LastModified></Contents></ListBucketResult>",
            "<Error><Code>SlowDown</Code></Error>", "<ListBucketResult>&undefined;</ListBucketResult>",
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><ListBucketResult>&e;</ListBucketResult>",
            "<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\"><ListBucketResult/>",
            "<!DOCTYPE x [<!ENTITY % p SYSTEM \"file:///etc/hostname\"> %p;]><ListBucketResult/>",
            "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><ListBucketResult>&b;</ListBucketResult>",
        ])
    func refused(document: String) {
        #expect { try S3Page(parsing: Array(document.utf8)) } throws: { ($0 as? GranaryError)?.code == .answerInvalid }
    }

    @Test("documents that are deep, long, or not UTF-8 are refused, and quickly")
    func hostile() {
        let deep = String(repeating: "<a>", count: 100_000)
        let long = "<ListBucketResult>" + String(repeating: "x", count: 9 << 20) + "</ListBucketResult>"
        for document in [deep, "<ListBucketResult>" + deep, long] {
            #expect(throws: GranaryError.self) { try S3Page(parsing: Array(document.utf8)) }
        }
        let utf16 = "<!DOCTYPE x><ListBucketResult/>".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        #expect(throws: GranaryError.self) { try S3Page(parsing: [0xFE, 0xFF] + utf16) }
        #expect(throws: GranaryError.self) { try S3Page(parsing: Array("<ListBucketResult>".utf8) + [0xC3, 0x28]) }
    }

    @Test("small answers are read, and an error in place of one is an error")
    func answers() throws {
        let begun =
            "<InitiateMultipartUploadResult><Bucket>b</Bucket><UploadId>id&#43;1</UploadId></InitiateMultipartUploadResult>"
        #expect(
            try S3Answer(["InitiateMultipartUploadResult"], parsing: Array(begun.utf8)).required("UploadId") == "id+1")
        let error = Array("<Error><Code>InternalError</Code></Error>".utf8)
        #expect(throws: GranaryError.self) { try S3Answer(["CopyObjectResult"], parsing: error) }
    }

    @Test("uploads, parts and refused deletions are read")
    func lists() throws {
        let uploads = try S3UploadPage(
            parsing: Array(
                """
                <ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
                <NextKeyMarker>a%20b</NextKeyMarker><NextUploadIdMarker>u2</NextUploadIdMarker>
                <Upload><Key>a%20b</Key><UploadId>u2</UploadId><Initiator><ID>x</ID></Initiator></Upload>
                </ListMultipartUploadsResult>
                """.utf8))
        #expect(uploads.uploads == [S3Upload(key: "a b", id: "u2")])
        #expect(uploads.next?.key == "a b" && uploads.next?.id == "u2")
        let parts = try S3PartPage(
            parsing: Array(
                """
                <ListPartsResult><IsTruncated>false</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>
                <Part><PartNumber>1</PartNumber><ETag>"e"</ETag><Size>3</Size></Part></ListPartsResult>
                """.utf8))
        #expect(parts.parts == [S3Part(number: 1, tag: "e", size: 3)] && parts.next == nil)
        let refused = try S3DeleteAnswer(
            parsing: Array(
                "<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"
                    .utf8))
        #expect(refused.failures[BytePath("k")]?.code == "AccessDenied")
    }

    @Test("what is written is read as it was", arguments: ["a&b<c>\"'", "line\nbreak\tand\rreturn", "é e\u{301}", " "])
    func written(text: String) throws {
        var document = XMLText()
        document.element("R") { $0.element("T", text) }
        #expect(isXMLText(text) && !isXMLText("\u{1}") && !isXMLText("\u{FFFE}"))
        #expect(try S3Answer(["R"], parsing: document.bytes)["T"] == text)
    }
}
