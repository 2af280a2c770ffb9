// SPDX-License-Identifier: Apache-2.0

import GranaryTransfer

extension AWSClient {
    /// One action of a service that speaks AWS's Query protocol: a form out, XML back.
    package func query(
        _ action: String, version: String, _ parameters: [QueryItem], doing: Doing, isRepeatable: Bool = true,
        holdsSecret: Bool = false
    ) async throws -> [UInt8] {
        var request = AWSRequest("POST")
        request.headers = [TransferHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        let form = [QueryItem("Action", action), QueryItem("Version", version)] + parameters
        request.body = .bytes(Array(form.canonical.utf8))
        request.isRepeatable = isRepeatable
        request.holdsSecret = holdsSecret
        return try await exchange(request, doing: doing).body
    }
}
