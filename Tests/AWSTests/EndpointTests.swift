// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import GranaryAWS

@Suite("Endpoints") struct EndpointTests {
    @Test("a bucket stands in the host at AWS and in the path at an endpoint of one's own")
    func styles() {
        let aws = AWSEndpoint(region: "us-west-2").place(of: "s3", bucket: "granules")
        #expect(aws.origin == "https://granules.s3.us-west-2.amazonaws.com" && aws.prefix == "")
        let own = AWSEndpoint(region: "x", url: "http://127.0.0.1:9000/").place(of: "s3", bucket: "granules")
        #expect(own.origin == "http://127.0.0.1:9000" && own.prefix == "/granules")
        let virtual = AWSEndpoint(region: "x", url: "https://store.example/s3", pathStyle: false)
            .place(of: "s3", bucket: "b")
        #expect(virtual.origin == "https://b.store.example" && virtual.prefix == "/s3")
    }

    @Test("a bucket that no certificate or host name fits stands in the path", arguments: ["a.b", "Granules", "a_b"])
    func awkwardNames(_ bucket: String) {
        let place = AWSEndpoint(region: "us-west-2").place(of: "s3", bucket: bucket)
        #expect(place.origin == "https://s3.us-west-2.amazonaws.com" && place.prefix == "/\(bucket)")
    }

    @Test("the host that is signed has no port where it is the scheme's own, as curl sends it")
    func ports() {
        func host(_ url: String) -> String { AWSEndpoint(region: "r", url: url).place(of: "sqs", bucket: nil).host }
        #expect(host("https://h:443") == "h" && host("http://h:80/p") == "h" && host("http://h:443") == "h:443")
        #expect(host("http://[::1]:9000") == "[::1]:9000")
    }

    @Test("each partition of AWS has its own domain")
    func partitions() {
        func host(_ region: String) -> String { AWSEndpoint(region: region).place(of: "sqs", bucket: nil).host }
        #expect(host("us-gov-west-1") == "sqs.us-gov-west-1.amazonaws.com")
        #expect(host("cn-north-1") == "sqs.cn-north-1.amazonaws.com.cn")
        #expect(host("us-iso-east-1") == "sqs.us-iso-east-1.c2s.ic.gov")
        #expect(host("us-isob-east-1") == "sqs.us-isob-east-1.sc2s.sgov.gov")
    }
}
