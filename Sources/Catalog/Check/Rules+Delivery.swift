// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension CatalogRule {
    /// Everything announced is on its way or settled; everything received is answered, applied or waiting for an
    /// operator.
    static let delivery: [CatalogRule] = [
        CatalogRule(
            "submission.work", "Every pending submission has work that sends it, or work that was given up.",
            subject: "submission",
            broken: """
                SELECT s.id, s.identifier FROM submission s WHERE s.state = 'pending'
                    AND NOT \(hasWork([.sendSubmission], for: "s.id", orParked: true))
                """,
            remedy: "Resend it: `granary delivery resend`."
        ) { "Submission \(try $0.text("identifier")) is pending, but nothing will send it." },
        CatalogRule(
            "submission.due", "Every submission that was sent has a time by which its answer is due.",
            subject: "submission",
            broken:
                "SELECT id, identifier FROM submission WHERE state = 'sent' AND (due_at IS NULL OR sent_at IS NULL)",
            remedy: "Resend it: `granary delivery resend`."
        ) { "Submission \(try $0.text("identifier")) was sent, but its answer is never due." },
        CatalogRule(
            "submission.success", "Every acknowledged submission has a SUCCESS that was received for it.",
            subject: "submission",
            broken: """
                SELECT s.id, s.identifier FROM submission s WHERE s.state = 'acknowledged' AND NOT EXISTS (
                    SELECT 1 FROM response r WHERE r.submission_id = s.id AND r.status = 'SUCCESS')
                """,
            remedy: "Ask the partner whether it has the granule; the table message_in holds what came in."
        ) { "Submission \(try $0.text("identifier")) is acknowledged, but no SUCCESS for it was ever received." },
        CatalogRule(
            "message.handled", "Every message received has a response, an answer, or work that sees to it.",
            subject: "message_in",
            broken: """
                SELECT m.id, m.source, m.message_key FROM message_in m
                WHERE NOT EXISTS (SELECT 1 FROM response r WHERE r.message_in_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM answer a WHERE a.message_in_id = m.id)
                    AND NOT \(hasWork([.takeNotification, .applyResponse], for: "m.id", orParked: true))
                """,
            remedy: "Report it with the row; its bytes are in message_in."
        ) { "Message \(try $0.text("message_key")) from \(try $0.text("source")) was received and then forgotten." },
        CatalogRule(
            "answer.work", "Every answer that we owe has work that sends it, or work that was given up.",
            subject: "answer",
            broken: """
                SELECT a.id, a.identifier FROM answer a WHERE a.state = 'pending'
                    AND NOT \(hasWork([.sendAnswer], for: "a.id", orParked: true))
                """,
            remedy: "Report it with the row; the message that it answers is in message_in."
        ) { "The answer to \(try $0.text("identifier")) is pending, but nothing will send it." },
    ]
}
