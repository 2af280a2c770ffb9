// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTransfer

extension ServerSettings {
    init(_ reader: MappingReader, home: String) throws {
        name = try reader.required("name", reader.text("name"))
        region = try reader.text("region")
        endpoint = try reader.text("endpoint")
        pathStyle = try reader.truth("path-style")
        credentials = try reader.mapping("credentials") { try CredentialSettings($0, home: home) } ?? .usual
        isPlain = try reader.truth("plain") ?? false
        access.user = try reader.text("user")
        access.password = try reader.secret("password", home: home)
        access.keyFile = try reader.text("key-file").map { absolute($0, from: home) }
        access.keyPassphrase = try reader.secret("key-passphrase", home: home)
        access.knownHosts = try reader.text("known-hosts").map { absolute($0, from: home) }
        access.caFile = try reader.text("ca-file").map { absolute($0, from: home) }
        access.proxy = try reader.text("proxy")
        access.redirectHosts = Set(try reader.texts("redirect-hosts") ?? [])
        access.requiresTLS = !isPlain
        let access = access
        self.access = try reader.mapping("limits") { try ServerAccess($0, access) } ?? access
        try check(reader)
    }

    private func check(_ reader: MappingReader) throws {
        for (key, url) in [("endpoint", endpoint), ("proxy", access.proxy)] {
            guard let url, !isWebAddress(url) else { continue }
            throw complaint(
                reader.place(key), "expected a URL such as https://host:port, without a user name",
                remedy: "Name user and password in keys of their own, by reference.")
        }
        if access.keyFile == nil, access.keyPassphrase != nil {
            throw complaint(reader.place("key-passphrase"), "there is no `key-file` that it could open")
        }
    }
}

extension ServerAccess {
    fileprivate init(_ reader: MappingReader, _ access: ServerAccess) throws {
        self = access
        connections = try reader.number("connections", in: 1...256) ?? connections
        bytesPerSecond = try reader.number("bytes-per-second", in: 1024...(1 << 40)).map(Int64.init)
        requestsPerSecond = try reader.number("requests-per-second", in: 1...100_000).map(Double.init)
        connectLimit = try reader.duration("connect") ?? connectLimit
        stallLimit = try reader.duration("stall") ?? stallLimit
        totalLimit = try reader.duration("total") ?? totalLimit
        for (key, limit) in [("connect", connectLimit), ("stall", stallLimit), ("total", totalLimit)]
        where limit < .seconds(1) {
            throw complaint(
                reader.place(key), "expected a second or more; without a limit a dead server is never noticed")
        }
    }
}

extension CredentialSettings {
    fileprivate init(_ reader: MappingReader, home: String) throws {
        let found: [CredentialSettings?] = [
            try reader.text("profile").map { .profile($0) },
            try reader.truth("environment") == true ? .environment : nil,
            try reader.truth("container") == true ? .container : nil,
            try reader.truth("instance") == true ? .instance : nil,
            try Self.keys(reader, home: home),
            try reader.mapping("role") { .role(try RoleSettings($0, home: home)) },
            try reader.mapping("web-identity") { try CredentialSettings(webIdentity: $0, home: home) },
        ]
        let given = found.compactMap(\.self)
        guard let first = given.first, given.count == 1 else {
            throw complaint(reader.path, "expected one kind of credentials, found \(given.count)")
        }
        self = first
    }

    private static func keys(_ reader: MappingReader, home: String) throws -> CredentialSettings? {
        let access = try reader.secret("access-key", home: home)
        let secret = try reader.secret("secret-key", home: home)
        let token = try reader.secret("session-token", home: home)
        guard let access, let secret else {
            guard access == nil, secret == nil, token == nil else {
                throw complaint(reader.path, "`access-key` and `secret-key` go together")
            }
            return nil
        }
        return .keys(access: access, secret: secret, token: token)
    }

    private init(webIdentity reader: MappingReader, home: String) throws {
        self = .webIdentity(
            role: try reader.required("arn", reader.text("arn")),
            tokenFile: absolute(try reader.required("token-file", reader.text("token-file")), from: home))
    }
}

extension RoleSettings {
    fileprivate init(_ reader: MappingReader, home: String) throws {
        arn = try reader.required("arn", reader.text("arn"))
        externalID = try reader.text("external-id")
        session = try reader.text("session") ?? "granary"
        from = try reader.mapping("from") { try CredentialSettings($0, home: home) } ?? .usual
    }
}

private func isWebAddress(_ text: String) -> Bool {
    let rest = text.hasPrefix("https://") ? text.dropFirst(8) : text.hasPrefix("http://") ? text.dropFirst(7) : ""
    return rest.first.map { $0 != "/" } ?? false
        && rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !rest.contains { "?#@\\".contains($0) }
}
