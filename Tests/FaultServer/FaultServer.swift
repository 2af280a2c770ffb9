// SPDX-License-Identifier: Apache-2.0

/// An HTTP server for tests that speaks as much of S3, SQS, SNS and Kinesis as Granary uses.
public final class FaultServer: Sendable {
    public init() {}
}
