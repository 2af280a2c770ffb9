// SPDX-License-Identifier: Apache-2.0

import GranaryCore
public import GranaryTransfer

/// Where a service of AWS, or one that speaks like it, is reached.
public struct AWSEndpoint: Sendable, Hashable {
    /// That requests are signed for, also with an endpoint of one's own.
    public var region: String
    /// An endpoint of one's own, `https://host:port` with or without a path, no trailing slash; nil for AWS's.
    public var url: String?
    /// Whether a bucket stands in the path (`host/bucket/key`) and not in the host's name (`bucket.host/key`).
    public var pathStyle: Bool
    /// Limits, trust and proxy. Requests are signed, so its user and password stay unset.
    public var access: ServerAccess

    /// - Parameter pathStyle: if nil, true with an endpoint of one's own, whose certificate and name server seldom know
    ///   each bucket, and false for AWS's.
    public init(
        region: String, url: String? = nil, pathStyle: Bool? = nil, access: ServerAccess = ServerAccess()
    ) {
        self.region = region
        self.url = url.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        self.pathStyle = pathStyle ?? (url != nil)
        self.access = access
    }

    /// The addresses of one request.
    struct Place: Hashable {
        /// `https://bucket.s3.us-west-2.amazonaws.com`
        var origin: String
        /// What the `Host` header holds: no port where it is the scheme's own.
        var host: String
        /// What stands before the request's own path: a path of the endpoint, and the bucket.
        var prefix: String
    }

    func place(of service: String, bucket: String?) -> Place {
        let url = url ?? "https://\(service).\(region).\(domain)"
        let scheme = url[..<(url.firstRange(of: "://")?.upperBound ?? url.startIndex)]
        let rest = url.dropFirst(scheme.count)
        var authority = String(rest.prefix { $0 != "/" })
        var prefix = String(rest.dropFirst(authority.count))
        if let bucket {
            if pathStyle || !Self.fitsHost(bucket, scheme) {
                prefix += "/" + percentEncoded(bucket, keeping: .unreserved)
            } else {
                authority = "\(bucket).\(authority)"
            }
        }
        let ownPort = scheme == "https://" ? ":443" : ":80"
        let host = authority.hasSuffix(ownPort) ? String(authority.dropLast(ownPort.count)) : authority
        return Place(origin: scheme + authority, host: host, prefix: prefix)
    }

    /// A name with dots fits no certificate of `*.s3…`, one with capitals or `_` no host.
    private static func fitsHost(_ bucket: String, _ scheme: Substring) -> Bool {
        let isName = bucket.utf8.allSatisfy {
            ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        return isName && (scheme != "https://" || !bucket.contains("."))
    }

    /// The partitions of AWS: each has a domain of its own.
    private var domain: String {
        switch region.split(separator: "-").prefix(2).joined(separator: "-") {
        case let start where start.hasPrefix("cn-"): "amazonaws.com.cn"
        case "us-iso": "c2s.ic.gov"
        case "us-isob": "sc2s.sgov.gov"
        default: "amazonaws.com"
        }
    }
}
