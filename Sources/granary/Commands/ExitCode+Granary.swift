// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCore

/// What a command tells the shell; `docs/exit-codes.md` lists them.
extension ExitCode {
    static let partial = ExitCode(3)
    static let notFound = ExitCode(4)
    static let temporary = ExitCode(5)
    static let differences = ExitCode(6)
    static let fatal = ExitCode(7)
    static let locked = ExitCode(75)
    static let denied = ExitCode(77)
    static let configuration = ExitCode(78)

    /// The code of an error that ended a command.
    init(_ error: GranaryError) {
        switch error.code {
        case .notFound: self = .notFound
        case .configurationInvalid: self = .configuration
        case .filterInvalid, .invalid: self = .validationFailure
        case .denied: self = .denied
        case .locked: self = .locked
        case .catalogRefused, .catalogFailed: self = .fatal
        default: self = error.isTemporary ? .temporary : .failure
        }
    }
}

extension GranaryError {
    fileprivate var isTemporary: Bool {
        if case .retry = disposition { true } else { false }
    }
}
