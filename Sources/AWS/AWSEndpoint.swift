// SPDX-License-Identifier: Apache-2.0

/// Where a service of AWS, or one that speaks like it, is reached.
public struct AWSEndpoint: Sendable, Hashable {
    public var region: String

    public init(region: String) { self.region = region }
}
