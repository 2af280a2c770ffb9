// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTransfer
import Testing

@testable import GranaryAWS

@Suite("The words of faults") struct FaultWordsTests {
    @Test("an error is read in every protocol")
    func protocols() {
        let json = fault(
            400, ["x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"],
            #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}"#)
        #expect(json.code == "QueueDoesNotExist" && json.message == "no such queue" && json.kind == .missing)
        let typed = fault(400, ["X-Amzn-ErrorType": "ThrottlingException:http://internal/"], "{}")
        #expect(typed.code == "ThrottlingException" && typed.kind == .busy)
        let query = fault(
            403, [:],
            "<?xml version='1.0'?><ErrorResponse xmlns='x'><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code>"
                + "<Message>a &lt;b&gt; &amp;amp;</Message></Error></ErrorResponse>")
        #expect(query.code == "InvalidClientTokenId" && query.message == "a <b> &amp;" && query.kind == .credentials)
        let rest = fault(404, ["x-amz-request-id": "R1"], "<Error><Code>NoSuchKey</Code></Error>")
        #expect(rest.kind == .missing && rest.requestID == "R1")
        let bare = fault(403, [:], "")
        #expect(bare.code == "403" && bare.kind == .denied)
        #expect(fault(502, [:], "<html>bad gateway").kind == .failed)
    }

    @Test("what passes by itself is for another try, after the time that the service names")
    func passing() {
        let busy = fault(503, ["Retry-After": "7"], "<Error><Code>SlowDown</Code></Error>")
        #expect(busy.error(doing: "put into", subject: "b").disposition == .retry(after: .seconds(7)))
        #expect(fault(400, [:], "<Error><Code>RequestTimeout</Code></Error>").kind == .failed)
        #expect(fault(400, [:], #"{"__type":"ProvisionedThroughputExceededException"}"#).kind == .busy)
    }

    @Test("a signature out of its time is the clock's fault, any other the credentials'")
    func clock() {
        let late =
            #"{"__type":"InvalidSignatureException","message":"Signature expired: 2015 is now earlier than 2016"}"#
        #expect(fault(400, ["Date": "Sun, 06 Nov 1994 08:49:37 GMT"], late).kind == .clock)
        #expect(fault(403, [:], "<Error><Code>RequestTimeTooSkewed</Code></Error>").kind == .clock)
        #expect(fault(403, [:], "<Error><Code>SignatureDoesNotMatch</Code></Error>").kind == .credentials)
        #expect(httpDate("Sun, 06 Nov 1994 08:49:37 GMT") == Timestamp(parsing: "1994-11-06T08:49:37Z"))
        #expect(httpDate("yesterday") == nil)
    }

    @Test("an error about a signature does not quote the request, which holds the session token")
    func noSecrets() {
        let quoting = fault(
            403, [:],
            "<Error><Code>SignatureDoesNotMatch</Code><Message>canonical: x-amz-security-token:canary</Message></Error>"
        )
        let error = quoting.error(doing: "list", subject: "bucket")
        #expect(!"\(error) \(String(reflecting: error))".contains("canary"))
        #expect(error.code == .credentialsRefused && error.disposition == .stop)
    }

    @Test("an error inside a success is seen, and a page of objects is none")
    func errorsInside() {
        #expect(
            ErrorDocument(Array("<?xml version=\"1.0\"?>\n  <Error><Code>InternalError</Code></Error>".utf8)) != nil)
        #expect(ErrorDocument(Array("<Result><Error>x</Error></Result>".utf8)) == nil)
    }

    private func fault(_ status: Int, _ headers: [String: String], _ body: String) -> AWSFault {
        var answer = TransferAnswer()
        answer.status = status
        answer.headers = headers.map { TransferHeader($0.key, $0.value) }
        answer.body = Array(body.utf8)
        return AWSFault(answer)
    }
}
