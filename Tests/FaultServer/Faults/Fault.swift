// SPDX-License-Identifier: Apache-2.0

/// One thing that goes wrong with one call. Several may hold for the same call.
public enum Fault: Sendable {
    // Without any effect:
    /// The connection is reset before the request takes effect, and no byte is answered.
    case refuse
    /// An error of the service instead of the answer; `code` is the service's own word for it.
    case status(Int, code: String = "InternalError", retryAfter: Int? = nil)
    /// An S3 error document under status 200, as CompleteMultipartUpload and CopyObject may give.
    case errorInside200(code: String = "InternalError")
    case redirect(to: String, status: Int = 307)

    // The request takes effect, then:
    /// The connection is closed without a byte of the answer.
    case dropReply
    /// The effect is there, and an error is answered nevertheless.
    case statusAfterEffect(Int, code: String = "InternalError")

    // The answer is right, but its way is not:
    /// Waits before the answer, at most ten seconds.
    case delay(Duration)
    /// So many bytes of the answer, head included, are sent; then the connection is closed, or reset.
    case cut(after: Int, reset: Bool = false)
    /// The same, counted from the first byte of the body.
    case cutBody(after: Int, reset: Bool = false)
    /// No length is told; the end of the connection ends the body.
    case closeDelimited
    /// The length told is so many bytes more (or less) than what is sent; then the connection is closed.
    case wrongLength(by: Int)

    // The answer itself is wrong:
    case wrongETag(String)
    /// One byte of the body is another.
    case corrupt(at: Int)
    /// A range is answered with the whole file under status 200.
    case ignoreRange
    /// The entries of a listing page come in the opposite order.
    case reorderPage
    /// A listing page starts from the beginning, whatever token was given.
    case repeatPage
    /// A listing page tells the token that it was asked with as the next one.
    case repeatToken
    /// Entries of a batch that fail, by place from 0 on; the others take effect.
    case failEntries(Set<Int>, code: String)
    /// Received messages are not hidden: the next receive gives them again.
    case deliverTwice
    /// The receipts, or the iterator, of the answer have expired already.
    case expired
}
