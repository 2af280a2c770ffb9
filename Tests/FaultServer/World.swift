// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// All that the server knows: the services as values, and the time.
struct World: Sendable {
    var endpoint = ""
    var s3 = S3Model()
    var files = FilesModel()
    var sqs = SQSModel()
    var sns = SNSModel()
    var kinesis = KinesisModel()
    var messageTime = Timestamp(seconds: 1_767_225_600)
    var skew = Duration.zero
    var requiresSignature = true

    /// Carries out one request that was proved.
    mutating func answer(_ route: Route, _ ask: Ask, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        switch route {
        case .files(let path): return try files.answer(ask.request, path, ask.faults)
        case .s3(let route):
            return try s3.answer(
                S3Model.Ask(
                    operation: route.operation, request: ask.request, bucket: route.bucket, key: route.key,
                    faults: ask.faults, now: ask.now), &effects)
        case .json(var json):
            (json.faults, json.now) = (ask.faults, messageTime)
            return json.isKinesis
                ? try kinesis.answer(json, &effects) : try sqs.answer(json, endpoint: endpoint, &effects)
        case .sns(var sns):
            (sns.faults, sns.now) = (ask.faults, messageTime)
            return try self.sns.answer(sns, &sqs, &effects)
        }
    }

    /// Whether a long poll has waited enough: something is there, or this is none.
    func hasWhatIsPolled(_ route: Route) -> Bool {
        guard case .json(let ask) = route, ask.operation == .receiveMessage, ask.number("WaitTimeSeconds") ?? 0 > 0
        else {
            return true
        }
        return sqs.hasVisible(ask.subject, messageTime)
    }

    /// What every service is told of a request.
    struct Ask {
        var request: Request
        var faults: [Fault]
        var now: Timestamp
    }
}
