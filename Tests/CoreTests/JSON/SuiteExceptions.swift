// SPDX-License-Identifier: Apache-2.0

/// The optional cases of the public suite that we do not meet, and why.
enum SuiteExceptions {
    static func isListed(_ name: String) -> Bool { false }
}
