// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// The token of a staged file: the name of its copy and, while it is not flushed, the epoch of its beginning.
struct StagingToken {
    let name: String
    /// The flushes of the store that had failed when the copy was begun; nil once the copy is durable by itself.
    let epoch: Int?

    init(name: String, epoch: Int?) {
        self.name = name
        self.epoch = epoch
    }

    /// Nil when no store of ours can have given that token: it might name anything.
    init?(_ text: String) {
        let parts = text.split(separator: "+", omittingEmptySubsequences: false)
        guard let name = parts.first, !BytePath(String(name)).isUnsafe, !name.contains("/") else { return nil }
        self.name = String(name)
        epoch = parts.count > 1 ? Int(parts[1]) ?? -1 : nil
    }

    var text: String { epoch.map { "\(name)+\($0)" } ?? name }
}
