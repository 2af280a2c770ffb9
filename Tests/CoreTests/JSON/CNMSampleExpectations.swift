// SPDX-License-Identifier: Apache-2.0

/// What the strict schemas say to each public CNM message: every violation as "pointer keyword", indices as `*`.
/// Most refusals are made-up checksums, local times and spellings that the convention never had.
enum CNMSampleExpectations {
    static let violations: [String: Set<String>] = [
        "bignbit/sample_cnm_message.json": ["/product/files/* required", "/product/files/*/checksumType enum"],
        "cnm-schema-repo/cumulus_sns_v1.0_notification.json": ["/product/files/*/checksum pattern"],
        "cnm-schema-repo/cumulus_sns_v1.0_notification_2.json": ["/product/files/*/checksum pattern"],
        "cnm-schema-repo/cumulus_sns_v1.0_response_failure.json": [],
        "cnm-schema-repo/cumulus_sns_v1.0_response_failure_2.json": [],
        "cnm-schema-repo/cumulus_sns_v1.0_response_success.json": [],
        "cnm-schema-repo/cumulus_sns_v1.1_dataVersions.json": ["/product/filegroups/*/files/*/checksum pattern"],
        "cnm-schema-repo/cumulus_sns_v1.1_filegroups.json": ["/product/filegroups/*/files/*/checksum pattern"],
        "cnm-schema-repo/cumulus_sns_v1.1_filegroups_multiple.json": [
            "/product/filegroups/*/files/*/checksum pattern"
        ],
        "cnm-schema-repo/cumulus_sns_v1.1_notification_3.json": ["/product/files/*/checksum pattern"],
        "cnm-schema-repo/cumulus_sns_v1.2_response_success_cmr_id.json": [],
        "cnm-schema-repo/cumulus_sns_v1.3_response_failure.json": [],
        "cnm-schema-repo/cumulus_sns_v1.4_notification.json": ["/product/files/*/checksum pattern"],
        "cnm-schema-repo/cumulus_sns_v1.5_notification.json": [],
        "cnm-schema-repo/cumulus_sns_v1.5_response_success_product.json": [],
        "cnm-schema-repo/cumulus_sns_v1.6_notification.json": ["/product/files/*/checksum pattern"],
        "cnm-schema-repo/cumulus_sns_v1.6_notification_collection_obj.json": ["/product/files/*/checksum pattern"],
        "cnm-schema-repo/tag1.0_cumulus_sns_v1.json": [
            "/version enum", "/submissionTime pattern", "/submissionTime format",
            "/product/files/*/checksum pattern",
        ],
        "cnm-schema-repo/tag1.0_cumulus_sns_v2.json": [
            "/version enum", "/submissionTime pattern", "/submissionTime format",
            "/product/files/*/checksum pattern",
        ],
        "cnm-schema-repo/tag1.0_cumulus_sns_v3.json": [
            "/version enum", "/submissionTime pattern", "/submissionTime format", "/receivedTime pattern",
            "/receivedTime format", "/processCompleteTime pattern", "/processCompleteTime format",
        ],
        "cnm-schema-repo/tag1.0_cumulus_sns_v4.json": [
            "/version enum", "/submissionTime pattern", "/submissionTime format", "/receivedTime pattern",
            "/receivedTime format", "/processCompleteTime pattern", "/processCompleteTime format",
        ],
        "cnm-schema-repo/tag1.0_cumulus_sns_v5.json": [
            "/version enum", "/submissionTime pattern", "/submissionTime format", "/receivedTime pattern",
            "/receivedTime format", "/processCompleteTime pattern", "/processCompleteTime format",
        ],
        "csdap/CNM_Local_SmokeTest.message.json": [" required", "/product/files/*/checksumType enum"],
        "csdap/CNM_Local_ToFail_SmokeTest.message.json": [" required", "/product/files/*/checksumType enum"],
        "cumulus-cnm-to-cma/cumulus_sns_v1.0_JA1_GPN_E.json": [],
        "cumulus-cnm-to-cma/cumulus_sns_v1.0_notification.json": ["/product/files/*/checksum pattern"],
        "cumulus-cnm-to-cma/cumulus_sns_v1.0_notification_empty_uri.json": [
            "/product/files/*/checksum pattern", "/product/files/*/uri pattern",
        ],
        "cumulus-cnm-to-cma/cumulus_sns_v1.0_notification_incorrect_formatted.json": [
            "/version enum", "/product/files/*/checksum pattern",
        ],
        "cumulus-cnm-to-cma/cumulus_sns_v1.0_notification_unsupported_protocols.json": [
            "/product/files/*/checksum pattern"
        ],
        "cumulus-cnm-to-cma/cumulus_sns_v1.0_response_failure.json": [],
        "envelopes/sqs-body__raw-delivery-cnm-r.json": [],
        "extracted-bare-cnm/cnm-response-task__OriginalCNM__workflow.error.json": [
            "/version enum", "/submissionTime pattern", "/submissionTime format",
            "/product/files/*/checksum pattern",
        ],
        "extracted-bare-cnm/cnm-response-task__OriginalCNM__workflow.success.json": [
            "/submissionTime pattern", "/submissionTime format", "/product/files/*/checksum pattern",
        ],
        "extracted-bare-cnm/cnm-response-task__OriginalCNM__workflow.success.no.cmr.json": [
            "/submissionTime pattern", "/submissionTime format", "/product/files/*/checksum pattern",
        ],
        "extracted-bare-cnm/cnm-to-granule__http_input.json": [],
        "extracted-bare-cnm/cnm-to-granule__https_input.json": [],
        "extracted-bare-cnm/cnm-to-granule__input.json": [
            " required", "/version enum", "/product/files/*/checksum pattern",
        ],
        "extracted-bare-cnm/cnm-to-granule__inputFilegroups.json": [
            "/submissionTime pattern", "/submissionTime format", "/product/filegroups/*/files/*/checksumType enum",
            "/product/filegroups/* required",
        ],
        "extracted-bare-cnm/cnm-to-granule__sftp_input.json": ["/submissionTime pattern", "/submissionTime format"],
        "transcribed-from-tests/asf-cnm-s-invalid-uri-no-key.json": [],
        "transcribed-from-tests/bignbit-fake-gitc-cnm-r.json": [" required"],
        "transcribed-from-tests/cumulus-cnm-response__failure_PROCESSING_ERROR.json": [
            "/submissionTime pattern", "/submissionTime format", "/processCompleteTime pattern",
            "/processCompleteTime format",
        ],
        "transcribed-from-tests/cumulus-cnm-response__failure_TRANSFER_ERROR.json": [
            "/submissionTime pattern", "/submissionTime format", "/processCompleteTime pattern",
            "/processCompleteTime format",
        ],
        "transcribed-from-tests/cumulus-cnm-response__failure_VALIDATION_ERROR.json": [
            "/submissionTime pattern", "/submissionTime format", "/processCompleteTime pattern",
            "/processCompleteTime format",
        ],
        "transcribed-from-tests/cumulus-cnm-response__success_with_cmr.json": [
            "/submissionTime pattern", "/submissionTime format", "/processCompleteTime pattern",
            "/processCompleteTime format", "/product/files/*/checksum pattern",
        ],
        "transcribed-from-tests/unity-cumulus-cnm-r-success-size-minus1.json": [
            "/submissionTime pattern", "/submissionTime format", "/product/files/*/checksum pattern",
            "/product/files/*/size minimum",
        ],
    ]

    /// Files that are no bare CNM message: envelopes, and inputs and outputs of workflow tasks.
    static let others: Set<String> = [
        "envelopes/lambda-event__kinesis-cnm-s.json",
        "envelopes/lambda-event__sqs-with-sns-wrapped-cnm-r.json",
        "envelopes/sqs-body__sns-wrapped-cnm-r-with-message-attributes.json",
        "envelopes/sqs-body__sns-wrapped-cnm-r.json",
        "hls-reconciliation/HLS_reconcile_2024239_2.0.json",
        "podaac-cnm-response-task/workflow.error.json",
        "podaac-cnm-response-task/workflow.granulefailure.json",
        "podaac-cnm-response-task/workflow.success.json",
        "podaac-cnm-response-task/workflow.success.no.cmr.json",
        "podaac-cnm-to-granule/expectedFilegroups.json",
        "podaac-cnm-to-granule/http_input.json",
        "podaac-cnm-to-granule/http_output.json",
        "podaac-cnm-to-granule/https_input.json",
        "podaac-cnm-to-granule/https_output.json",
        "podaac-cnm-to-granule/input.json",
        "podaac-cnm-to-granule/inputFilegroups.json",
    ]
}
