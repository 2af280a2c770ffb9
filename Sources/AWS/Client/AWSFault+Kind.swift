// SPDX-License-Identifier: Apache-2.0

extension AWSFault {
    /// What a fault means for the caller, whichever of the services' hundred words it came under.
    package enum Kind: Sendable, Hashable {
        case busy, failed, expired, credentials, denied, clock, missing, conflict, wrongRegion, badBytes, message,
            unsupported, refused
    }

    /// What callers tell apart, whatever the service calls it.
    package var kind: Kind {
        if isAboutTheClock { return .clock }
        return Self.kinds[code] ?? Self.kinds[String(code.split(separator: ".").last ?? "")] ?? kindOfStatus
    }

    private var isAboutTheClock: Bool {
        Self.clockWords.contains(code) || (Self.kinds[code] == .credentials && speaksOfTime)
    }

    private var kindOfStatus: Kind {
        switch status {
        case 429, 503: .busy
        case 501: .unsupported
        case 500...: .failed
        case 401, 403: .denied
        case 404, 410: .missing
        case 409, 412: .conflict
        case 301, 307, 308: .wrongRegion
        default: .refused
        }
    }

    private static let clockWords: Set = ["RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired"]

    private static let kinds: [String: Kind] = words([
        .busy: [
            "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
            "TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "OverLimit",
            "ProvisionedThroughputExceededException", "LimitExceededException", "PriorRequestNotComplete",
            "KmsThrottled", "KMSThrottlingException", "ServiceUnavailable", "ConditionalRequestConflict",
            "OperationAborted", "ResourceInUseException",
        ],
        .failed: ["InternalError", "InternalFailure", "InternalServerError", "InternalException", "RequestTimeout"],
        .expired: ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"],
        .credentials: [
            "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
            "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException", "InvalidToken",
            "MissingAuthenticationToken", "MissingAuthenticationTokenException", "AuthFailure", "InvalidSecurity",
            "InvalidIdentityToken",
        ],
        .denied: [
            "AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException",
            "UnauthorizedOperation", "KmsAccessDenied", "KMSAccessDeniedException", "OptInRequired",
        ],
        .missing: [
            "NoSuchBucket", "NoSuchKey", "NoSuchUpload", "NoSuchVersion", "QueueDoesNotExist", "NonExistentQueue",
            "NotFound", "NotFoundException", "ResourceNotFoundException", "ResourceNotFound",
        ],
        .conflict: ["PreconditionFailed"],
        .wrongRegion: [
            "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException",
        ],
        .badBytes: [
            "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "InvalidDigest", "XAmzContentChecksumMismatch",
        ],
        .message: ["InvalidMessageContents", "BatchRequestTooLong", "InvalidBatchEntryId"],
        .unsupported: ["NotImplemented", "UnsupportedOperation", "InvalidAction", "UnknownOperationException"],
    ])

    private static func words(_ table: [Kind: [String]]) -> [String: Kind] {
        var kinds: [String: Kind] = [:]
        for (kind, words) in table { for word in words { kinds[word] = kind } }
        return kinds
    }
}
