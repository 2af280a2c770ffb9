// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// What to do when a partner refuses a submission or does not answer.
public struct ResendPolicy: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable, CaseIterable, Codable {
        /// Send the same bytes again.
        case resend
        /// Leave it to an operator.
        case hold
    }
    /// On TRANSFER_ERROR: the partner could not fetch a file. Default `resend`.
    public var transfer: Action
    /// On VALIDATION_ERROR: what was sent is wrong, and will be wrong again. Default `hold`.
    public var validation: Action
    /// On PROCESSING_ERROR, and on failures without a code that we know. Default `hold`.
    public var processing: Action
    /// When no answer came by the deadline. Default `resend`.
    public var overdue: Action
    /// Sends that a broker took, the first included, after which everything is held and raised. Default 3.
    public var maximumSends: Int
    /// How long after a failure to send again. Default 5 minutes.
    public var delay: Duration

    public init(
        transfer: Action = .resend, validation: Action = .hold, processing: Action = .hold, overdue: Action = .resend,
        maximumSends: Int = 3, delay: Duration = .seconds(300)
    ) {
        self.transfer = transfer
        self.validation = validation
        self.processing = processing
        self.overdue = overdue
        self.maximumSends = maximumSends
        self.delay = delay
    }

    func action(on error: ResponseError?) -> Action {
        switch error {
        case .transfer: transfer
        case .validation: validation
        case .processing, nil: processing
        }
    }

    func validate() -> [String] {
        var faults: [String] = []
        if maximumSends < 1 { faults.append("`maximumSends` is \(maximumSends); it must be 1 or more.") }
        if delay < .zero { faults.append("The delay before a resend is \(delay); it must not be negative.") }
        return faults
    }
}
