// SPDX-License-Identifier: Apache-2.0

/// Every fixed bound, with its unit and its reason. What an operator may want to change is configuration instead.
public enum Limits {
    /// Entries in one page of a listing: small enough to stay flat, large enough that the ledger is asked rarely.
    public static let listingPage = 1000
    /// Levels of directories that a listing goes down: each costs an open descriptor, and no real delivery comes near it.
    public static let directoryDepth = 64
    /// Bytes of one message: the largest that SQS carries.
    public static let messageBytes = 1 << 20
    /// Bytes of one manifest: 100,000 `sha512sum` lines of the longest names stay below it.
    public static let manifestBytes = 64 << 20
    /// Promises of manifests that are taken over in one transaction: more would only hold memory.
    public static let batchPromises = 10_000
    /// Files that share one flush and one commit.
    public static let batchFiles = 512
    /// Bytes that share one flush: beyond it a batch is closed early, so that large files do not wait for each other.
    public static let batchBytes: Int64 = 512 << 20
    /// Rows in one page of anything read from the ledger.
    public static let rowPage = 1000
    /// Bytes kept of a job's message and of any text from outside that is stored beside a row.
    public static let storedText = 16 << 10
    /// Bytes kept from the start of each of a job's two output streams: enough for any log that a person reads.
    public static let jobOutput = 16 << 20
    /// Letters of a short error, the text that failures are grouped by.
    public static let shortError = 80
    /// Attempts of one job that may be lost to the death of the service before the job itself is suspected.
    public static let lostAttempts = 5
    /// Bytes of the catalog's log beyond which it is emptied at the next look; ordinary use stays far below.
    public static let catalogLogBytes: Int64 = 64 << 20
}
