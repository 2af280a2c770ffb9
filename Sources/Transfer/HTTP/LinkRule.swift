// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// What a link in the listing of one directory stands for.
///
/// A link may name something in that very directory and nothing else. What belongs to the page itself (the way up, the
/// orders of sorting) is passed over; any other link is shown under a path that is refused, and never followed.
struct LinkRule: Sendable {
    enum Meaning: Hashable, Sendable {
        case furniture
        case file([UInt8])
        case directory([UInt8])
        /// As it was written, for the one who looks why it was refused.
        case refused([UInt8])
    }

    /// `http://host:port`, without it when that is the protocol's own; both are the same place.
    let origins: [[UInt8]]
    /// The directory's path, decoded, from `/` to `/`.
    let directory: [UInt8]

    init(origins: [String], directory: [UInt8]) {
        self.origins = origins.map { Array($0.utf8) }
        self.directory = directory
    }

    func meaning(of link: [UInt8]) -> Meaning {
        guard let first = link.first, first != question, first != hash, !hasScheme(link, "mailto") else {
            return .furniture
        }
        guard !link.contains(question), !link.contains(hash), let place = local(link), let path = percentDecoded(place)
        else { return .refused(link) }
        if path.first == slash {
            if directory.starts(with: path), path.last == slash { return .furniture }
            guard path.starts(with: directory) else { return .refused(link) }
            return named(path[directory.count...], link)
        }
        return named(path[...], link)
    }

    private func named(_ path: ArraySlice<UInt8>, _ link: [UInt8]) -> Meaning {
        var path = path
        if path.starts(with: "./".utf8) { path = path.dropFirst(2) }
        let isDirectory = path.last == slash
        let name = isDirectory ? path.dropLast() : path
        if name.isEmpty || name.elementsEqual(".".utf8) { return .furniture }
        // Undisguised, this is every page's way up.
        if name.elementsEqual("..".utf8) { return link.starts(with: "..".utf8) ? .furniture : .refused(link) }
        guard !name.contains(slash), !name.contains(0) else { return .refused(link) }
        return isDirectory ? .directory(Array(name)) : .file(Array(name))
    }

    /// The link without our own origin; nil when it leads to another place.
    private func local(_ link: [UInt8]) -> [UInt8]? {
        if link.starts(with: "//".utf8) { return nil }
        guard let colon = link.firstIndex(of: UInt8(ascii: ":")), !link[..<colon].contains(slash) else { return link }
        for origin in origins where link.starts(with: origin) {
            let rest = Array(link.dropFirst(origin.count))
            return rest.first == slash ? rest : nil
        }
        // A name may hold a colon; what looks like a scheme before it is taken for one.
        return isScheme(link[..<colon]) ? nil : link
    }

    private func hasScheme(_ link: [UInt8], _ scheme: String) -> Bool {
        String(decoding: link.prefix(scheme.utf8.count + 1), as: UTF8.self).lowercased() == scheme + ":"
    }

    private func isScheme(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, UnicodeScalar(first).properties.isAlphabetic, first < 0x80 else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "+-.".utf8.contains(byte)
            }
        }
    }
}

private let slash = UInt8(ascii: "/")
private let question = UInt8(ascii: "?")
private let hash = UInt8(ascii: "#")
