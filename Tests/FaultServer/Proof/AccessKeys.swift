// SPDX-License-Identifier: Apache-2.0

/// The one key that the server knows.
public struct AccessKeys: Sendable, Hashable {
    public var accessKey: String
    public var secretKey: String
    public var sessionToken: String?

    public init(
        accessKey: String = "AKIAFAULTSERVER", secretKey: String = "fault/server+secret", sessionToken: String? = nil
    ) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }
}
