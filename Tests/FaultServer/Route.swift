// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Which service a request is for, and what it asks of it.
enum Route {
    case files(path: String)
    case s3(S3Route)
    case json(JSONAsk)
    case sns(SNSAsk)

    init(_ request: Request) {
        let path = request.path
        if path.hasPrefix("/files/") || path == "/files" {
            self = .files(path: String(decoding: request.decodedPath.dropFirst("/files/".count), as: UTF8.self))
        } else if let ask = JSONAsk(request) {
            self = .json(ask)
        } else if let ask = SNSAsk(request) {
            self = .sns(ask)
        } else {
            self = .s3(S3Route(request))
        }
    }

    func operation(_ request: Request) -> Operation {
        switch self {
        case .files(let path):
            if path.isEmpty || path.hasSuffix("/") { return .listFolder }
            return request.method == "HEAD" ? .headFile : .getFile
        case .s3(let route): return route.operation
        case .json(let ask): return ask.operation
        case .sns(let ask): return ask.operation
        }
    }

    /// What the request is about.
    var subject: String {
        switch self {
        case .files(let path): path
        case .s3(let route): route.key.bytes.isEmpty ? route.bucket : "\(route.bucket)/\(route.key.text)"
        case .json(let ask): ask.subject
        case .sns(let ask): ask.subject
        }
    }

    /// The service whose signature is needed; nil when none is.
    var service: String? {
        switch self {
        case .files: return nil
        case .s3: return "s3"
        case .json(let ask): return ask.isKinesis ? "kinesis" : "sqs"
        case .sns: return "sns"
        }
    }

    /// A refusal in the words of the service.
    func reply(_ refusal: Refusal) -> Reply {
        switch self {
        case .files: Reply(refusal.status, refusal.headers, body: Array("\(refusal.code)\n".utf8))
        case .s3: .s3(refusal, resource: "/\(subject)")
        case .json(let ask): .json(refusal, isKinesis: ask.isKinesis)
        case .sns: .sns(refusal)
        }
    }
}
