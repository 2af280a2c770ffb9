// SPDX-License-Identifier: Apache-2.0

import Crypto
import GranaryCore
import Synchronization

/// The key for one day, one region and one service, derived from a secret.
struct SigningKey: Sendable {
    private let key: SymmetricKey

    init(_ secret: Secret, day: String, region: String, service: String) {
        let first = SymmetricKey(data: Array("AWS4\(secret.reveal())".utf8))
        key = [day, region, service, "aws4_request"].reduce(first) { key, word in
            SymmetricKey(data: Self.code(word, key))
        }
    }

    /// In hexadecimal.
    func sign(_ text: String) -> String { hexadecimal(Self.code(text, key)) }

    private static func code(_ text: String, _ key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }
}

/// The key of the day, kept: to derive it takes longer than to sign.
final class DailyKey: Sendable {
    private let last = Mutex<(day: String, key: SigningKey)?>(nil)

    func key(of day: String, derive: (String) -> SigningKey) -> SigningKey {
        last.withLock { last in
            if let last, last.day == day { return last.key }
            let key = derive(day)
            last = (day, key)
            return key
        }
    }
}
