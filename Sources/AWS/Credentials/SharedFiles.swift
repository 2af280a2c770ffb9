// SPDX-License-Identifier: Apache-2.0

/// Where AWS's shared files are, and what they say now.
struct SharedFiles: Sendable {
    let environment: [String: String]
    private let credentials: String
    private let config: String

    init(_ environment: [String: String]) {
        self.environment = environment
        let home = environment["HOME"] ?? ""
        credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "\(home)/.aws/credentials"
        config = environment["AWS_CONFIG_FILE"] ?? "\(home)/.aws/config"
    }

    var places: String { "'\(credentials)' and '\(config)'" }

    func read() throws -> ProfileFile {
        let general = ProfileFile(try SmallFile.text(config) ?? "", .config)
        return general.merging(ProfileFile(try SmallFile.text(credentials) ?? "", .credentials))
    }
}

/// The region that environment and shared files name, for a configuration that names none.
public enum AWSRegion {
    /// Nil when neither names one. Throws when a file is there and can't be read.
    public static func find(_ environment: [String: String], profile: String? = nil) throws -> String? {
        if let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] { return region }
        let name = profile ?? environment["AWS_PROFILE"] ?? environment["AWS_DEFAULT_PROFILE"] ?? "default"
        return try SharedFiles(environment).read().profiles[name]?["region"]
    }
}
