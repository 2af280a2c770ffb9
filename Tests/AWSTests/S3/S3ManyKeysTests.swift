// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

/// A bucket of a million keys, whose pages are made as they are asked for.
@Suite("S3 listings without end") struct S3ManyKeysTests {
    @Test("a million keys are listed, each once and in order, in memory that does not grow with them")
    func million() async {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let count = manyEntries
            let server = try TinyServer { asked in
                (
                    200, ["Content-Type": "application/xml"],
                    page(from: asked.parameters["continuation-token"].flatMap { Int($0) } ?? 0, of: count)
                )
            }
            let client = AWSClient(
                AWSEndpoint(region: "us-east-1", url: server.url), service: "s3",
                credentials: FixedCredentials(AWSCredentials(accessKey: "A", secretKey: Secret("s"))))
            var listed = 0
            var memory: ResidentMemory?
            for try await entries in S3Store(client, bucket: "b").entries() {
                for entry in entries {
                    try #require(entry.path == BytePath(key(listed)) && entry.size == listed)
                    listed += 1
                }
                _ = server.asked()
                memory = memory ?? ResidentMemory()
                memory?.look()
            }
            let growth = memory?.growth ?? .max
            print("S3: \(listed) keys, memory grew by \(growth >> 10) KiB")
            #expect(listed == count && growth < growthAllowed)
        }
        print(String(decoding: ended?.standardOutputContent ?? [], as: UTF8.self))
    }
}

private func key(_ number: Int) -> String {
    let digits = String(number)
    return "data/2026/" + String(repeating: "0", count: 9 - digits.count) + digits + "/granule.nc"
}

private func page(from start: Int, of count: Int) -> String {
    let end = min(start + 1000, count)
    let objects = (start..<end).map { number in
        "<Contents><Key>\(key(number))</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            + "<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>\(number)</Size></Contents>"
    }
    let more = end < count
    return "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>\(more)</IsTruncated>"
        + (more ? "<NextContinuationToken>\(end)</NextContinuationToken>" : "") + objects.joined()
        + "</ListBucketResult>"
}
