// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// Turns a URI that a partner wrote into a place that may be read.
public protocol SourceResolver: Sendable {
    /// Throws `access.denied` for everything that is not expressly allowed. Opens no connection.
    func resolve(_ uri: String) throws -> SourcePlace
}

/// A path in a store.
public struct SourcePlace: Sendable {
    public var store: any Store
    public var path: BytePath

    public init(store: any Store, path: BytePath) {
        self.store = store
        self.path = path
    }
}

/// Allows what lies below listed bases, each with the store that is rooted there, and refuses everything else.
///
/// Scheme and authority must be the base's to the letter, and the decoded path must lie below the base's without a `.`,
/// `..` or empty part; so no address in another spelling, no user name, no port and no detour passes. What the stores
/// themselves may reach is settled when they are made, never by a message.
public struct AllowedSources: SourceResolver {
    private let bases: [(base: ResourceURI, store: any Store)]

    /// Throws `configuration.invalid` for a base that is no absolute URI.
    public init(_ bases: [(base: String, store: any Store)]) throws {
        self.bases = try bases.map { text, store in
            guard let base = ResourceURI(parsing: text.hasSuffix("/") ? String(text.dropLast()) : text) else {
                throw GranaryError(
                    .configurationInvalid, "\(text) is no absolute URI without query, fragment and user name.",
                    subject: text, remedy: "Write it like file:///staging/partner or s3://bucket/prefix.")
            }
            return (base, store)
        }
    }

    public func resolve(_ uri: String) throws -> SourcePlace {
        guard let wanted = ResourceURI(parsing: uri) else {
            throw refused(uri, "it is no absolute URI of a file")
        }
        let found = bases.compactMap { base, store in
            wanted.path(below: base).map { (place: SourcePlace(store: store, path: $0), depth: base.path.bytes.count) }
        }
        guard let nearest = found.max(by: { $0.depth < $1.depth }) else {
            throw refused(uri, "it lies below none of the allowed places")
        }
        return nearest.place
    }

    private func refused(_ uri: String, _ why: String) -> GranaryError {
        GranaryError(
            .denied, "The file \(shown(uri)) is refused: \(why).", subject: uri,
            remedy: "If the partner may deliver from there, add the place to the sources of this archive role.",
            disposition: .quarantine)
    }
}

extension ResourceURI {
    /// What of the path follows the base, or nil when this does not safely lie below it.
    fileprivate func path(below base: ResourceURI) -> BytePath? {
        guard scheme == base.scheme, authority == base.authority, !path.isUnsafe else { return nil }
        guard !base.path.bytes.isEmpty else { return path }
        let prefix = base.path.bytes + [UInt8(ascii: "/")]
        guard path.bytes.starts(with: prefix), path.bytes.count > prefix.count else { return nil }
        return BytePath(path.bytes.dropFirst(prefix.count))
    }
}
