// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import Testing

@Suite struct EndpointTests {
    @Test("an endpoint has a region") func region() { #expect(AWSEndpoint(region: "us-west-2").region == "us-west-2") }
}
