// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A partner who receives deliveries: what it wants, how its messages look, and how patient we are with it.
///
/// Everything but the name and the profile's `uriBase` has a default.
public struct Destination: Sendable, Hashable {
    /// How operators and the ledger call it. Part of every submission's row, so it stays the same for ever.
    public var name: String
    /// How its CNM-S look.
    public var profile: MessageProfile
    /// The collections that it receives; empty means all.
    public var collections: Set<CollectionID>
    /// Which granules of these it receives, in CQL2 over granule properties; nil means all.
    public var filter: Filter?
    /// The receiving side on which this partner answers; several destinations may share one. An answer that comes in
    /// elsewhere is not this partner's and is never applied. By default the destination's name.
    public var responseSource: String
    /// How long after the broker took a message the answer may take. Default 24 hours.
    public var deadline: Duration
    /// What to do with failures and silence.
    public var resend: ResendPolicy
    /// How often and how soon to try a broker that does not take a message. By default for about a day.
    public var retry: RetryPolicy

    public init(name: String, profile: MessageProfile) {
        self.name = name
        self.profile = profile
        collections = []
        responseSource = name
        deadline = .seconds(86_400)
        resend = ResendPolicy()
        retry = .aDay
    }

    /// What is wrong with it, one sentence each; empty when it can be used.
    public func validate() -> [String] {
        var faults = profile.validate() + resend.validate()
        if name.isEmpty { faults.append("A destination needs a name.") }
        if responseSource.isEmpty { faults.append("`responseSource` must not be empty; leave it out to use the name.") }
        if deadline <= .zero { faults.append("The deadline is \(deadline); it must be longer than nothing.") }
        if retry.attempts < 1 { faults.append("`retry.attempts` is \(retry.attempts); it must be 1 or more.") }
        return faults
    }
}

extension RetryPolicy {
    /// For brokers: an outage of a night must not need an operator in the morning.
    static let aDay = RetryPolicy(attempts: 300)
}
