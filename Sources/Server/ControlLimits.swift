// SPDX-License-Identifier: Apache-2.0

/// What one conversation over the control socket may cost, with units and reasons.
package enum ControlLimits {
    /// Bytes of a request's body: an act on tens of thousands of rows fits.
    static let bodyBytes = 1 << 20
    /// Bytes of an answer that a command reads: a line for each subject of the largest act fits.
    static let answerBytes = 16 << 20
    /// How deep the JSON of a request may nest: an act needs two levels.
    static let bodyDepth = 8
    /// Clients served at once; the next ones wait in the kernel's queue.
    static let connections = 64
    static let headerBytes = 16 << 10
    static let headerFields = 100
    /// How long a client may say nothing before or within a request; the time that an answer takes does not count. A stop
    /// waits for such a client too.
    package static let silence = Duration.seconds(10)
}
