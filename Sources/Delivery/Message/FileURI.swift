// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// `file` URIs of absolute paths on this machine: `file:///data/my%20archive`.
public enum FileURI {
    /// The URI of an absolute path, with every byte encoded that a URI cannot hold.
    public static func text(ofPath path: String) -> String {
        let relative = BytePath(path.utf8.drop { $0 == UInt8(ascii: "/") })
        return ResourceURI.text(base: "file:///", path: relative) ?? "file://" + path
    }

    /// The absolute path that a `file` URI names, or nil when it is no such URI or its path is not UTF-8.
    public static func path(of uri: String) -> String? {
        guard let found = ResourceURI(parsing: uri), found.scheme == "file" else { return nil }
        return found.path.text.map { "/" + $0 }
    }
}
