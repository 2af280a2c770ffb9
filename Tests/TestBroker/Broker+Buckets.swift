// SPDX-License-Identifier: Apache-2.0

package import GranaryAWS
internal import GranaryCore
internal import GranaryTransfer

extension Broker {
    /// A new bucket, which tells a queue of each object that is written.
    package func bucket(notifying queue: SQSQueue? = nil) async throws -> String {
        let bucket = name("bucket")
        _ = try await client("s3").exchange(AWSRequest("PUT", bucket: bucket), doing: .init("make", bucket))
        guard let queue else { return bucket }
        let arn = try await queue.state().arn
        try await allow("s3.amazonaws.com", source: "arn:aws:s3:::\(bucket)", queue, arn)
        var request = AWSRequest("PUT", bucket: bucket)
        request.query = [QueryItem("notification")]
        request.body = .bytes(
            Array(
                ("<NotificationConfiguration><QueueConfiguration><Id>all</Id><Queue>\(arn)</Queue>"
                    + "<Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>").utf8))
        _ = try await client("s3").exchange(request, doing: .init("set the notices of", bucket))
        return bucket
    }

    package func put(_ bytes: some Sequence<UInt8>, bucket: String, key: String) async throws {
        var request = AWSRequest("PUT", bucket: bucket, path: "/" + percentEncoded(key, keeping: .path))
        request.body = .bytes(Array(bytes))
        _ = try await client("s3").exchange(request, doing: .init("write", key))
    }
}
