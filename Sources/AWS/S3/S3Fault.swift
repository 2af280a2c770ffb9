// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension GranaryError.Code {
    static let bucketMissing: Self = "bucket.missing"
    static let objectFrozen: Self = "object.frozen"
    static let archiveUnsafe: Self = "archive.unsafe"
}

extension GranaryError {
    /// The same error with the meaning that S3's word has for an object: which remedy, and whether it passes.
    ///
    /// What the words mean for every service (throttling, credentials, clocks, regions, broken bytes) stays as it is.
    var aboutObject: GranaryError {
        guard let fault = awsFault, let rule = rules[fault.code] ?? rulesOfStatus[fault.status] else { return self }
        var error = self
        error.code = rule.code
        error.remedy = rule.remedy
        error.disposition = rule.disposition
        return error
    }
}

private struct Rule: Sendable {
    var code: GranaryError.Code
    var disposition: GranaryError.Disposition
    var remedy: String
}

/// Where a service gives no word of its own.
private let rulesOfStatus: [Int: Rule] = [
    416: Rule(code: .sourceChanged, disposition: .retry(after: nil), remedy: "It is tried again as it is then."),
    507: noRoom,
]

private let rules: [String: Rule] = [
    "NoSuchBucket": Rule(
        code: .bucketMissing, disposition: .stop,
        remedy: "Check the bucket's name, account and region; a bucket that is not there is never an empty one."),
    "InvalidBucketName": Rule(code: .configurationInvalid, disposition: .stop, remedy: "Correct the bucket's name."),
    "NoSuchKey": Rule(
        code: .notFound, disposition: .retry(after: nil), remedy: "List the bucket to see what is there now."),
    "NoSuchUpload": uploadGone, "InvalidPart": uploadGone, "InvalidPartOrder": uploadGone, "EntityTooSmall": uploadGone,
    "AccessDenied": Rule(
        code: .denied, disposition: .stop,
        remedy: "Allow it in the policies of user and bucket; without s3:ListBucket a missing key is answered so, too."),
    "AllAccessDisabled": Rule(
        code: .denied, disposition: .stop, remedy: "Ask the bucket's owner: access to it was switched off."),
    "InvalidObjectState": Rule(
        code: .objectFrozen, disposition: .quarantine,
        remedy: "Restore the object from Glacier (restore-object), then retry."),
    "EntityTooLarge": Rule(
        code: .limitReached, disposition: .quarantine, remedy: "Split it: S3 takes 5 TB in one object."),
    "KeyTooLongError": keyRefused, "InvalidURI": keyRefused, "XMinioInvalidResourceName": keyRefused,
    "XMinioInvalidObjectName": keyRefused,
    "PreconditionFailed": Rule(
        code: .sourceChanged, disposition: .retry(after: nil), remedy: "It is tried again as it is then."),
    "QuotaExceeded": noRoom, "XMinioStorageFull": noRoom, "InsufficientStorage": noRoom,
    "XMinioAdminBucketQuotaExceeded": noRoom,
]

private let noRoom = Rule(
    code: .storeFull, disposition: .retry(after: .seconds(60)),
    remedy: "Free space or raise the bucket's quota; the transfer is tried again.")

private let keyRefused = Rule(
    code: .pathRefused, disposition: .quarantine, remedy: "Have it renamed: the service takes no such key.")

/// The parts are not what was sent, or a sweep took them: the file is read and sent anew.
private let uploadGone = Rule(
    code: .notFound, disposition: .retry(after: nil), remedy: "Nothing: the file is staged again from its source.")
