// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import TestBroker
import Testing

@Suite("Credentials of machines, containers and roles") struct CredentialServerTests {
    private static let document = """
        {"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"s3","Token":"t0","Expiration":"2026-11-25T20:00:00Z"}
        """
    private let expected = AWSCredentials(
        accessKey: "ASIA1", secretKey: Secret("s3"), sessionToken: Secret("t0"),
        expires: Timestamp(parsing: "2026-11-25T20:00:00Z"))

    @Test(
        "a machine's role is found by the second version of the metadata service: a session first, then two questions")
    func machine() async throws {
        let server = try TinyServer { asked in
            switch asked.line {
            case "PUT /latest/api/token": (200, [:], "session-1")
            case "GET /latest/meta-data/iam/security-credentials/": (200, [:], "granary-role\n")
            case "GET /latest/meta-data/iam/security-credentials/granary-role": (200, [:], Self.document)
            default: (404, [:], "")
            }
        }
        let source = try #require(MachineCredentials(["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url]))
        #expect(try await source.credentials() == expected)
        let asked = server.asked()
        #expect(asked[0].headers["x-aws-ec2-metadata-token-ttl-seconds"] == "300")
        #expect(asked[1...].allSatisfy { $0.headers["x-aws-ec2-metadata-token"] == "session-1" })
        #expect(MachineCredentials(["AWS_EC2_METADATA_DISABLED": "true"]) == nil)
    }

    @Test(
        "a metadata service that leads elsewhere is not followed",
        arguments: ["../../user-data", "a/b", "a%2Fb", "", "a b"])
    func strangeRole(_ role: String) async throws {
        let server = try TinyServer { asked in
            asked.line.hasPrefix("PUT") ? (200, [:], "session") : (200, [:], role)
        }
        let source = try #require(MachineCredentials(["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url]))
        let error = try await #require(throws: GranaryError.self) { try await source.credentials() }
        #expect(error.code == .credentialsMissing)
        #expect(server.asked().count == 2)
    }

    @Test("a redirect of a source of credentials is not followed")
    func redirect() async throws {
        let other = try TinyServer { _ in (200, [:], Self.document) }
        let server = try TinyServer { _ in (302, ["location": "\(other.url)/x"], "") }
        let source = try #require(
            try ContainerCredentials(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/v1"]))
        await #expect(throws: GranaryError.self) { try await source.credentials() }
        #expect(other.asked().isEmpty)
    }

    @Test("a container's endpoint is given the token of its file, which is read anew each time")
    func container() async throws {
        let server = try TinyServer { _ in (200, [:], Self.document) }
        let directory = try TemporaryDirectory()
        let file = directory.path + "/token"
        try write("Bearer first\n", to: file)
        let environment = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file,
        ]
        let source = try #require(try ContainerCredentials(environment))
        await #expect(throws: GranaryError.self, "a token has no space") { try await source.credentials() }
        for token in ["first", "second"] {
            try write("\(token)\n", to: file)
            #expect(try await source.credentials() == expected)
        }
        #expect(server.asked().map { $0.headers["authorization"] } == ["first", "second"])
    }

    @Test(
        "a container's token goes to no stranger",
        arguments: [
            "http://example.com/x", "http://169.254.169.254/x", "ftp://127.0.0.1/x", "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/", "http://127.1/",
        ])
    func stranger(_ url: String) {
        #expect(throws: GranaryError.self) { try ContainerCredentials(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]) }
    }

    @Test("a container's endpoint may be AWS's own, this machine, or reached by TLS")
    func trusted() throws {
        for url in ["http://169.254.170.23/x", "http://[fd00:ec2::23]/x", "http://[::1]:80/x", "https://example.com/x"]
        {
            #expect(try ContainerCredentials(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]) != nil)
        }
        #expect(try ContainerCredentials([:]) == nil)
    }

    @Test("a role is taken on, by keys and by the token of an identity provider", arguments: Broker.Kind.allCases)
    func roles(_ kind: Broker.Kind) async throws {
        let broker = try await kind.start()
        let role = "arn:aws:iam::\(broker.account):role/granary-test"
        if kind == .ministack { try await makeRole(broker) }
        let request = RoleRequest(role: role, externalID: "4711", duration: .seconds(900))
        let assumed = AssumedRole(request, base: FixedCredentials(broker.credentials), endpoint: broker.endpoint)
        let lent = try await assumed.credentials()
        #expect(lent.sessionToken != nil && lent.expires != nil && lent.accessKey != broker.credentials.accessKey)
        let directory = try TemporaryDirectory()
        try write(Self.webToken, to: directory.path + "/web")
        let environment = ["AWS_ROLE_ARN": role, "AWS_WEB_IDENTITY_TOKEN_FILE": directory.path + "/web"]
        let web = try #require(WebIdentity(environment, endpoint: broker.endpoint))
        #expect(try await web.credentials().sessionToken != nil)
    }

    @Test("what a token service says of a token is not repeated, for it quotes it")
    func quotedToken() async throws {
        let server = try TinyServer { asked in
            let token = asked.body.contains("canary-web") ? "canary-web" : "none"
            return (
                400, [:],
                "<ErrorResponse><Error><Code>ValidationError</Code><Message>Value '\(token)' is bad</Message>"
                    + "</Error></ErrorResponse>"
            )
        }
        let directory = try TemporaryDirectory()
        try write("canary-web", to: directory.path + "/web")
        let environment = ["AWS_ROLE_ARN": "arn:r", "AWS_WEB_IDENTITY_TOKEN_FILE": directory.path + "/web"]
        let sts = AWSEndpoint(region: "us-east-1", url: server.url)
        let web = try #require(WebIdentity(environment, endpoint: sts))
        let error = try await #require(throws: GranaryError.self) { try await web.credentials() }
        #expect(error.message.contains("ValidationError") && !"\(String(reflecting: error))".contains("canary"))
        #expect(server.asked().allSatisfy { $0.headers["authorization"] == nil }, "nobody signs for a web identity")
    }

    /// A token as identity providers make them; nobody checks its signature here.
    private static let webToken: String = {
        let parts = [#"{"alg":"none"}"#, #"{"iss":"https://issuer.example","sub":"granary","aud":"sts"}"#, "x"]
        return parts.map { base64(Array($0.utf8)).filter { $0 != "=" } }.joined(separator: ".")
    }()

    private func makeRole(_ broker: Broker) async throws {
        let trust: JSONValue = [
            "Version": "2012-10-17",
            "Statement": [
                [
                    "Effect": "Allow", "Principal": "*",
                    "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"],
                ]
            ],
        ]
        do {
            _ = try await broker.client("iam").query(
                "CreateRole", version: "2010-05-08",
                [QueryItem("RoleName", "granary-test"), QueryItem("AssumeRolePolicyDocument", trust.text)],
                doing: .init("make", "granary-test"))
        } catch let error as GranaryError where error.awsFault?.code == "EntityAlreadyExists" {
            // Another test made it on the same server.
        }
    }
}
