// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A message from a partner, read leniently: what it says, and in what it deviates from the convention.
public struct PartnerMessage: Sendable {
    public enum Content: Sendable {
        /// A CNM-S.
        case submission(PartnerSubmission)
        /// A CNM-R.
        case response(PartnerResponse)
        /// A message of the transport about itself. It is kept and never acted upon: nobody's URL is fetched.
        case notice(String)
        /// Neither; one sentence why.
        case unreadable(String)
    }
    public var content: Content
    /// Found even in messages that are otherwise unreadable, wherever it can be.
    public var identifier: String?
    /// The wrappings that were taken off, outermost first.
    public var path: [String]
    /// `place: what is odd`, in the order of the message.
    public var deviations: [String]
    /// The message without its wrappings; empty when it is not JSON.
    public var object: JSONObject
}

/// The collection as a partner writes it: a name, or since CNM 1.6.1 a name and a version.
public struct PartnerCollection: Sendable, Hashable {
    public var name: String
    public var version: String?
}

/// What a CNM-S says.
public struct PartnerSubmission: Sendable {
    public var version: String?
    public var provider: String?
    public var collection: PartnerCollection?
    public var submissionTime: Timestamp?
    public var productName: String?
    public var dataVersion: String?
    public var processingType: ProcessingType?
    /// Those of all file groups, where it has groups.
    public var files: [PartnerFile]
}

/// One file of a product as a partner describes it.
public struct PartnerFile: Sendable, Hashable {
    public var name: String?
    public var uri: String?
    public var type: FileType?
    public var size: Int64?
    public var checksum: Checksum?
    /// The checksum's text when it can't be understood: a promise that nobody can check.
    public var unreadableChecksum: String?
}

/// What a CNM-R says.
public struct PartnerResponse: Sendable {
    public var outcome: ResponseOutcome
    /// As written; may be a word that we don't know.
    public var errorCode: String?
    public var errorMessage: String?
    public var submissionTime: Timestamp?
    public var receivedTime: Timestamp?
    public var processCompleteTime: Timestamp?
    public var catalogID: String?
    public var catalogURL: String?
    /// Nil when the response has no product, as most failures.
    public var files: [PartnerFile]?
}
