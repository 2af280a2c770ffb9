// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryDelivery

/// The CNM schemas of `schemas/cnm`, which are built into the program.
func messageSchemas() throws -> MessageSchemas {
    try MessageSchemas(
        submission: JSONValue(parsing: PackageResources.submission_1_6_1_json),
        response: JSONValue(parsing: PackageResources.response_1_6_1_json))
}
