// SPDX-License-Identifier: Apache-2.0
import GranaryCore
import Testing

@testable import GranaryDelivery

@Suite struct PartnerMessageTests {
    private func read(_ text: String) -> PartnerMessage { PartnerMessage(reading: Array(text.utf8)) }

    private let response =
        #"{"version":"1.6.1","identifier":"i","collection":"c","submissionTime":"2026-01-01T00:00:00Z","#
        + #""receivedTime":"2026-01-01T00:00:00Z","processCompleteTime":"2026-01-01T00:00:00Z","#
        + #""response":{"status":"SUCCESS"}}"#

    @Test("every known wrapping is taken off")
    func wrappings() throws {
        let text = JSONValue.string(response).text
        let base64 = "eyJpZGVudGlmaWVyIjoiaSIsInJlc3BvbnNlIjp7InN0YXR1cyI6IlNVQ0NFU1MifX0="
        let wrapped: [(String, [String])] = [
            (response, []), ("\u{FEFF}" + response, []), (text, ["text"]), ("[\(response)]", ["list"]),
            (JSONValue.string(text).text, ["text", "text"]), (#"{"default":\#(text)}"#, ["default"]),
            (#"{"Type":"Notification","Message":\#(text)}"#, ["SNS notification"]),
            (#"{"Records":[{"Sns":{"Message":\#(text)}}]}"#, ["records", "list", "record", "SNS notification"]),
            (#"{"Records":[{"messageId":"m","body":\#(text)}]}"#, ["records", "list", "SQS message"]),
            (#"{"Records":[{"kinesis":{"data":"\#(base64)"}}]}"#, ["records", "list", "record", "base64"]),
            (#"{"detail-type":"cnm","detail":\#(response)}"#, ["record"]),
        ]
        for (text, path) in wrapped {
            let read = read(text)
            #expect(read.path == path, "\(text)")
            #expect(read.response?.outcome == .success, "\(text)")
            #expect(read.identifier == "i")
        }
    }

    @Test("wrappings without end are refused")
    func endlessWrapping() {
        var text = response
        for _ in 0..<10 { text = JSONValue.string(text).text }
        guard case .unreadable(let why) = read(text).content else {
            Issue.record("it was read")
            return
        }
        #expect(why == "It is wrapped in more than 6 layers.")
    }

    @Test(
        "times of the wild are read, and their oddities named",
        arguments: [
            ("2017-09-30T03:42:29.791198Z", nil), ("2021-10-29T19:47:06Z", nil),
            ("2018-11-19T15:27:56.585649", "has no zone and is taken as UTC"),
            ("2020-04-08 15:59:15.186779", "has no zone and is taken as UTC"),
            ("2026-01-01 20:50:35Z", "has no T between date and time"),
            ("2026-01-01T20:50:35.123+00:00Z", "has two zones"), ("Unknown/Missing receivedTime", "is no time"),
        ] as [(String, String?)])
    func times(text: String, oddity: String?) {
        let read = read(
            response.replacing(#""receivedTime":"2026-01-01T00:00:00Z""#, with: #""receivedTime":"\#(text)""#))
        #expect(read.deviations == (oddity.map { ["receivedTime: \"\(text)\" \($0)"] } ?? []))
        #expect((read.response?.receivedTime == nil) == (oddity == "is no time"))
    }

    @Test(
        "an identifier is found even where nothing else can be read",
        arguments: [
            #"{"identifier": "abc", "response": {"#, #"{"identifier":"abc","identifier":"def"}"#,
            #"{"Message":"{\"identifier\":\"abc\",\"product\":"}"#, #"identifier "identifier" : "abc""#,
        ])
    func identifierByEye(text: String) { #expect(read(text).identifier == "abc") }

    @Test(
        "base64 is read with and without padding, and nothing else is",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zg", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Z", nil),
            ("Zm9%", nil),
        ] as [(String, String?)])
    func base64(text: String, bytes: String?) { #expect(base64Bytes(text) == bytes.map { Array($0.utf8) }) }

    @Test("a checksum without a type is md5, and SHA2 is told by its length")
    func checksums() throws {
        func checksum(_ type: String?, _ hex: String) -> Checksum? {
            var file: JSONObject = [
                "name": "n", "uri": "s3://b/n", "type": "data", "size": 1, "checksum": .string(hex),
            ]
            file["checksumType"] = type.map(JSONValue.string)
            let message: JSONValue = ["product": ["name": "p", "files": [.object(file)]]]
            return PartnerMessage(reading: message.bytes()).submission?.files.first?.checksum
        }
        let md5 = Checksum(.md5, of: [1])
        let sha512 = Checksum(.sha512, of: [1])
        #expect(checksum(nil, md5.hex) == md5)
        #expect(checksum("MD5", md5.hex.uppercased()) == md5)
        #expect(checksum("SHA2", sha512.hex) == sha512)
        #expect(checksum("SHA-512", sha512.hex) == sha512)
        #expect(checksum("md5", "unknown") == nil)
    }
}

@Suite(.enabled(if: Files.hasSamples, "the public samples are not beside the package"))
struct PublicMessageTests {
    @Test("every public message is read for what it is")
    func classes() throws {
        var found: [String: String] = [:]
        for path in Files.allSamples() { found[path] = PartnerMessage(reading: try Files.sample(path)).kind }
        #expect(found.count > 50)
        for (path, kind) in found { #expect(kind == expected(path), "\(path)") }
    }

    @Test(
        "messages that deviate are read with exactly these remarks",
        arguments: [
            (
                "csdap/CNM_Local_ToFail_SmokeTest.message.json",
                [
                    "submissionTime: called deliveryTime",
                    "deliveryTime: \"2024-10-12T16:50:23.458100\" has no zone and is taken as UTC",
                    "product.files[0].checksumType: spelled \"MD5\"",
                ]
            ),
            (
                "cumulus-cnm-to-cma/cumulus_sns_v1.0_notification_empty_uri.json",
                [
                    "product.files[0].uri: empty", "product.files[0].checksum: \"4241jafkjaj14jasjf\" is no md5",
                    "product.files[1].uri: empty", "product.files[1].checksum: \"addjd872342bfbf\" is no md5",
                ]
            ),
            (
                "cumulus-cnm-to-cma/cumulus_sns_v1.0_notification_incorrect_formatted.json",
                [
                    "version: \"1.77\" is none of CNM's", "product.files[0].checksum: \"4241jafkjaj14jasjf\" is no md5",
                    "product.files[1].checksum: \"addjd872342bfbf\" is no md5",
                ]
            ),
            ("transcribed-from-tests/bignbit-fake-gitc-cnm-r.json", ["version: missing"]),
            (
                "transcribed-from-tests/cumulus-cnm-response__success_with_cmr.json",
                [
                    "submissionTime: \"2020-04-08 15:59:15.186779\" has no zone and is taken as UTC",
                    "processCompleteTime: \"2026-01-01 20:50:35Z\" has no T between date and time",
                    "response.ingestionMetadata: stands beside the response instead of inside",
                    "product.files[1].checksum: \"11236de83e361eesss332f771dc\" is no md5",
                ]
            ),
            (
                "transcribed-from-tests/unity-cumulus-cnm-r-success-size-minus1.json",
                [
                    "submissionTime: \"2024-07-23T21:45:12.217650\" has no zone and is taken as UTC",
                    "product.files[0].size: \"-1\" is no size", "product.files[0].checksum: \"unknown\" is no md5",
                ]
            ),
            ("cnm-schema-repo/cumulus_sns_v1.5_response_success_product.json", []),
            (
                "cnm-schema-repo/cumulus_sns_v1.1_filegroups_multiple.json",
                [
                    "product.filegroups[0].files[0].checksum: \"4241jafkjaj14jasjf\" is no md5",
                    "product.filegroups[0].files[1].checksum: \"addjd872342bfbf\" is no md5",
                    "product.filegroups[1].files[0].checksum: \"4241jafkjaj14jasjf\" is no md5",
                    "product.filegroups[1].files[1].checksum: \"addjd872342bfbf\" is no md5",
                ]
            ),
        ])
    func deviations(path: String, remarks: [String]) throws {
        let found = PartnerMessage(reading: try Files.sample(path)).deviations
        #expect(found == remarks, "\(found)")
    }

    @Test("a catalogue's name is found inside the response and beside it")
    func catalogNames() throws {
        for path in [
            "cnm-schema-repo/cumulus_sns_v1.2_response_success_cmr_id.json",
            "transcribed-from-tests/cumulus-cnm-response__success_with_cmr.json",
        ] {
            let response = PartnerMessage(reading: try Files.sample(path)).response
            #expect(response?.catalogID?.hasPrefix("G1") == true, "\(path)")
        }
    }

    /// Task inputs, task outputs and reports are no messages; everything else is what its name says.
    private func expected(_ path: String) -> String {
        let isNoMessage = ["podaac-cnm-to-granule/", "podaac-cnm-response-task/", "hls-reconciliation/"]
        if isNoMessage.contains(where: path.hasPrefix) { return "unreadable" }
        if path.hasPrefix("extracted-bare-cnm/") { return "submission" }
        // Mislabelled upstream.
        if path.hasSuffix("cumulus_sns_v1.5_notification.json") { return "response" }
        let isResponse = [
            "response_", "cnm-r", "cnm-response__", "tag1.0_cumulus_sns_v3", "tag1.0_cumulus_sns_v4",
            "tag1.0_cumulus_sns_v5",
        ]
        return isResponse.contains(where: path.contains) ? "response" : "submission"
    }
}

extension PartnerMessage {
    fileprivate var kind: String {
        switch content {
        case .submission: "submission"
        case .response: "response"
        case .notice: "notice"
        case .unreadable: "unreadable"
        }
    }
}
