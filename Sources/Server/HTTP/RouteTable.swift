// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Hummingbird
import Logging
import NIOHTTP1

/// Which method at which path does what. Anything else, and every error, is answered with a problem.
///
/// A plain table instead of a router, because a wrong method is told from a wrong path here, with what is allowed.
struct RouteTable: HTTPResponder {
    typealias Context = BasicRequestContext

    struct Route: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let answer: @Sendable (Request) async throws -> Response

        init(
            _ method: HTTPRequest.Method, _ path: String, answer: @escaping @Sendable (Request) async throws -> Response
        ) {
            self.method = method
            self.path = path
            self.answer = answer
        }
    }

    let routes: [Route]

    func respond(to request: Request, context: Context) async throws -> Response {
        do {
            return try await answer(request)
        } catch let error as HTTPParserError {
            throw error  // not HTTP any more: Hummingbird answers and hangs up
        } catch {
            let error = GranaryError(reporting: error)
            if error.code == .serviceFailed {
                context.logger.error("\(error)", metadata: ["path": "\(request.uri.path)"])
            }
            return Response(problem: error)
        }
    }

    /// `HEAD` is `GET` without the body.
    private func answer(_ request: Request) async throws -> Response {
        let candidates = routes.filter { $0.path == request.uri.path }
        let wanted = request.method == .head ? .get : request.method
        if let route = candidates.first(where: { $0.method == wanted }) {
            let response = try await route.answer(request)
            return request.method == .head ? response.createHeadResponse() : response
        }
        guard candidates.isEmpty else { return methodRefused(request, allowed: candidates.map(\.method)) }
        throw nothing(at: request.uri.path)
    }

    private func methodRefused(_ request: Request, allowed: [HTTPRequest.Method]) -> Response {
        let allowed = allowed.map(\.rawValue).joined(separator: ", ")
        var response = Response(
            problem: GranaryError(
                .methodRefused, "\(request.uri.path) does not answer \(request.method.rawValue).",
                subject: request.uri.path, remedy: "Use \(allowed)."))
        response.headers[.allow] = allowed
        return response
    }

    private func nothing(at path: String) -> GranaryError {
        let known = routes.map { "\($0.method.rawValue) \($0.path)" }.joined(separator: ", ")
        return GranaryError(
            .notFound, "There is nothing at \(path).", subject: path, remedy: "The service answers \(known).")
    }
}

extension Response {
    init(json: JSONValue, status: HTTPResponse.Status = .ok, type: String = "application/json") {
        let body = ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes()))
        self.init(status: status, headers: [.contentType: type], body: body)
    }

    init(problem error: GranaryError) {
        self.init(json: error.problem, status: error.status, type: GranaryError.problemType)
        if let seconds = error.retryAfter { headers[.retryAfter] = String(seconds) }
    }
}
