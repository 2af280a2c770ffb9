// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryAWS

func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

@Suite("Credentials") struct CredentialTests {
    private let endpoint = AWSEndpoint(region: "us-east-1", url: "http://127.0.0.1:9")

    @Test("the environment's keys come whole or are an error")
    func environment() async throws {
        let keys = ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": ""]
        let found = try await EnvironmentCredentials(keys)?.credentials()
        #expect(found == AWSCredentials(accessKey: "A", secretKey: Secret("S")))
        #expect(try EnvironmentCredentials([:]) == nil)
        #expect(throws: GranaryError.self) { try EnvironmentCredentials(["AWS_ACCESS_KEY_ID": "A"]) }
    }

    @Test("shared files are read as AWS's tools write them")
    func files() {
        let config = ProfileFile(
            """
            # a comment
            [default]
            region = us-west-2 ; where the data is
            s3 =
                max_concurrent_requests = 20
            [profile archive]
            role_arn=arn:aws:iam::1:role/archive
            Source_Profile = default
            [stray]
            region = nowhere
            """, .config)
        let credentials = ProfileFile(
            "[default]\r\naws_access_key_id = AKID\r\naws_secret_access_key = a/b+c=\r\nregion = us-east-1\n",
            .credentials)
        let both = config.merging(credentials).profiles
        #expect(both["default"]?["aws_secret_access_key"] == "a/b+c=")
        #expect(both["default"]?["region"] == "us-east-1", "the credentials file wins")
        #expect(both["archive"] == ["role_arn": "arn:aws:iam::1:role/archive", "source_profile": "default"])
        #expect(both["stray"] == nil && both["default"]?["max_concurrent_requests"] == nil)
    }

    @Test("a profile gives its keys, by name or as the default, and its region")
    func profiles() async throws {
        let home = try Home(
            credentials:
                "[default]\naws_access_key_id=A\naws_secret_access_key=S\n[other]\naws_access_key_id=B\naws_secret_access_key=T\naws_session_token=U\n",
            config: "[profile other]\nregion=eu-west-1\n")
        let first = try #require(try ProfileCredentials(home.environment, endpoint: endpoint))
        #expect(try await first.credentials().accessKey == "A")
        let named = try #require(try ProfileCredentials(home.environment, profile: "other", endpoint: endpoint))
        #expect(try await named.credentials().sessionToken == Secret("U"))
        #expect(try AWSRegion.find(home.environment, profile: "other") == "eu-west-1")
        #expect(try AWSRegion.find(home.environment.merging(["AWS_REGION": "x"]) { $1 }) == "x")
    }

    @Test("a profile that leads nowhere says so: unknown, in a circle, without keys")
    func badProfiles() async throws {
        let home = try Home(
            credentials: "",
            config:
                "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=a\n[profile c]\nrole_arn=r\n[profile d]\nsso_session=x\n"
        )
        for name in ["unknown", "a", "c", "d"] {
            let source = try #require(try ProfileCredentials(home.environment, profile: name, endpoint: endpoint))
            let error = try await #require(throws: GranaryError.self) { try await source.credentials() }
            #expect(error.code == .credentialsMissing && error.message.contains("profile"), "\(name)")
        }
        #expect(try ProfileCredentials(home.environment, endpoint: endpoint) == nil)
    }

    @Test("what would need a program or a person is refused by name, also where a role leads to it, and nothing is run")
    func processesAndPeople() async throws {
        let home = try Home(credentials: "", config: "")
        let mark = home.environment["AWS_CONFIG_FILE", default: ""] + ".ran"
        try write(
            """
            [default]
            credential_process = /bin/touch \(mark)
            [profile role]
            role_arn = arn:r
            source_profile = default
            [profile person]
            sso_session = x
            """, to: home.environment["AWS_CONFIG_FILE", default: ""])
        for (name, word) in [("default", "credential_process"), ("role", "credential_process"), ("person", "SSO")] {
            let source = try #require(
                try ProfileCredentials(
                    home.environment, profile: name == "default" ? nil : name, endpoint: endpoint), "\(name)")
            let error = try await #require(throws: GranaryError.self) { try await source.credentials() }
            #expect(error.code == .credentialsMissing && error.message.contains(word), "\(error)")
            #expect(error.remedy.contains("role"))
        }
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test("a profile with a role takes it on with another profile's keys, and names its external id")
    func roleProfile() async throws {
        let server = try TinyServer { _ in
            (
                200, [:],
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>L</AccessKeyId><SecretAccessKey>M"
                    + "</SecretAccessKey><SessionToken>N</SessionToken><Expiration>2026-11-25T20:00:00Z</Expiration>"
                    + "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
            )
        }
        let home = try Home(
            credentials: "[base]\naws_access_key_id=A\naws_secret_access_key=S\n",
            config: "[profile role]\nrole_arn=arn:r\nsource_profile=base\nexternal_id=4711\n")
        let sts = AWSEndpoint(region: "us-east-1", url: server.url)
        let source = try #require(try ProfileCredentials(home.environment, profile: "role", endpoint: sts))
        #expect(try await source.credentials().accessKey == "L")
        let asked = server.asked()[0]
        #expect(asked.body.contains("ExternalId=4711") && asked.body.contains("RoleArn=arn%3Ar"))
        #expect(asked.headers["authorization"]?.contains("Credential=A/") == true)
    }

    @Test("the first source that is there is asked, in AWS's order")
    func order() async throws {
        let container = try TinyServer { _ in (200, [:], #"{"AccessKeyId":"C","SecretAccessKey":"S"}"#) }
        let machine = try TinyServer { asked in
            asked.line.hasSuffix("role")
                ? (200, [:], #"{"AccessKeyId":"M","SecretAccessKey":"S"}"#) : (200, [:], "role")
        }
        let home = try Home(credentials: "[default]\naws_access_key_id=P\naws_secret_access_key=S\n", config: "")
        var environment = home.environment
        environment["AWS_ACCESS_KEY_ID"] = "E"
        environment["AWS_SECRET_ACCESS_KEY"] = "S"
        environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "\(container.url)/c"
        environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = machine.url
        var seen: [String] = []
        for gone in ["", "AWS_ACCESS_KEY_ID", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
            environment[gone] = nil
            seen.append(try await DefaultCredentials(environment, endpoint: endpoint).credentials().accessKey)
        }
        #expect(seen == ["E", "P", "C", "M"])
        environment["AWS_EC2_METADATA_DISABLED"] = "true"
        let nothing = try DefaultCredentials(environment, endpoint: endpoint)
        let error = try await #require(throws: GranaryError.self) { try await nothing.credentials() }
        #expect(error.code == .credentialsMissing)
    }
}

/// A home with shared files in it.
private struct Home {
    let environment: [String: String]
    private let directory: TemporaryDirectory

    init(credentials: String, config: String) throws {
        directory = try TemporaryDirectory()
        try write(credentials, to: directory.path + "/credentials")
        try write(config, to: directory.path + "/config")
        environment = [
            "AWS_SHARED_CREDENTIALS_FILE": directory.path + "/credentials",
            "AWS_CONFIG_FILE": directory.path + "/config",
            "HOME": directory.path,
        ]
    }
}
