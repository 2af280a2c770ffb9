// SPDX-License-Identifier: Apache-2.0

/// A text that must not be seen: a password, a key, a token. Whatever prints, logs or dumps it shows `•••`.
public struct Secret: Sendable, Hashable {
    private let text: String

    /// From here on only `reveal` gives the text back.
    public init(_ text: String) { self.text = text }

    /// The text itself, for the one place that hands it to the other side.
    public func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "•••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
