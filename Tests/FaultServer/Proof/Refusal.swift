// SPDX-License-Identifier: Apache-2.0

/// A request that is not carried out, in words that each service spells in its own form.
struct Refusal: Error, Sendable {
    var status: Int
    var code: String
    var message: String
    /// Further elements of the error document.
    var details: [Header] = []
    var headers: [Header] = []

    init(_ status: Int, _ code: String, _ message: String = "", details: [Header] = []) {
        self.status = status
        self.code = code
        self.message = message.isEmpty ? code : message
        self.details = details
    }
}
