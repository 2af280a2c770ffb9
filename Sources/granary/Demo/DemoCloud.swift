// SPDX-License-Identifier: Apache-2.0

/// The places of the demonstration when it runs through S3, SQS, SNS and Kinesis: what the two sites' configurations say.
///
/// Keys come from the environment: `GRANARY_DEMO_S3_KEY` and `_SECRET`, `GRANARY_DEMO_AWS_KEY` and `_SECRET`.
struct DemoCloud: Sendable {
    /// The S3 service's URL.
    let s3: String
    /// The URL where SQS, SNS and Kinesis are.
    let messages: String
    let account: String

    static let region = "us-east-1"
    static let incoming = "tidewatch-incoming"
    static let vaults = ["tidewatch-archive", "ocean-archive"]
    static let letters = "ocean-letters"
    static let submissions = "cnm-submissions.fifo"
    static let answers = "cnm-answers"
    static let products = "cnm-products"
    static let events = "tidewatch-events"

    /// SNS tells the queue of the same name.
    var topic: String { "arn:aws:sns:\(Self.region):\(account):\(Self.answers)" }

    var sdsPlaces: String { places(archive: Self.vaults[0]) }
    var daacPlaces: String { places(archive: Self.vaults[1]) }
    var watched: String { "source: {at: \"s3://\(Self.incoming)\", server: objects}" }

    private func places(archive: String) -> String {
        """
        servers:
          - name: objects
            region: \(Self.region)
            endpoint: \(s3)
            credentials: {access-key: {env: GRANARY_DEMO_S3_KEY}, secret-key: {env: GRANARY_DEMO_S3_SECRET}}
          - name: messages
            region: \(Self.region)
            endpoint: \(messages)
            credentials: {access-key: {env: GRANARY_DEMO_AWS_KEY}, secret-key: {env: GRANARY_DEMO_AWS_SECRET}}
        archive: {at: "s3://\(archive)/vault", server: objects}
        """
    }

    /// What arrived goes through a FIFO queue, and is answered through a topic; what was made of it goes through a stream,
    /// and is answered by letters in a bucket.
    var destinations: String {
        """
          - name: ocean-daac
            server: messages
            outbox: sqs://\(Self.submissions)
            inbox: sqs://\(Self.answers)
            filter: "collection <> 'TIDEWATCH_L2_STATS'"
            deadline: 1h
            interval: 100ms
          - name: ocean-products
            outbox: {at: "kinesis://\(Self.products)", server: messages}
            inbox: {at: "s3://\(Self.letters)/answers", server: objects}
            filter: "collection = 'TIDEWATCH_L2_STATS'"
            deadline: 1h
            interval: 100ms
        """
    }

    var notifications: String {
        """
          - name: tidewatch
            inbox: {at: "sqs://\(Self.submissions)", server: messages}
            outbox: {at: "\(topic)", server: messages}
            allow: [{at: "s3://\(Self.vaults[0])/vault", server: objects}]
            interval: 100ms
          - name: tidewatch-products
            inbox: {at: "kinesis://\(Self.products)", server: messages}
            outbox: {at: "s3://\(Self.letters)/answers", server: objects}
            allow: [{at: "s3://\(Self.vaults[0])/vault", server: objects}]
            interval: 100ms
        """
    }
}
