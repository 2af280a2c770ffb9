// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Something that must hold before the service can do its work, for example "catalog" or "archive".
///
/// It throws when it does not hold. It is asked on every `GET /readyz`, and must bound the time it takes by itself.
package struct ReadinessCheck: Sendable {
    package let name: String
    let holds: @Sendable () async throws -> Void

    package init(_ name: String, holds: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.holds = holds
    }

    /// What one asking found.
    struct Finding: Sendable {
        let name: String
        let fault: GranaryError?
    }

    func ask() async -> Finding {
        do {
            try await holds()
            return Finding(name: name, fault: nil)
        } catch {
            return Finding(name: name, fault: GranaryError(reporting: error))
        }
    }
}

extension ReadinessCheck.Finding {
    /// `{name, passed}`, and what, why and what to do when it did not pass.
    var json: JSONValue {
        guard let fault else { return ["name": .string(name), "passed": true] }
        var json: JSONValue = ["name": .string(name), "passed": false]
        for (key, value) in fault.members { json[key] = value }
        return json
    }
}
