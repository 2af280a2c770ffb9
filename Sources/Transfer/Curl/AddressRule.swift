// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Which addresses may be connected to. Looked at after names are resolved, so that no name can lead around it.
enum AddressRule {
    /// True for link-local addresses, by which clouds hand out credentials: 169.254/16, fe80::/10, fd00:ec2::254, and
    /// any IPv4 one in an IPv6 wrapping (mapped, compatible, 6to4 or NAT64).
    static func isLinkLocal(_ address: some Collection<UInt8>) -> Bool {
        let bytes = Array(address)
        if bytes.count == 4 { return bytes[0] == 169 && bytes[1] == 254 }
        guard bytes.count == 16 else { return false }
        if bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 { return true }
        if bytes == metadata { return true }
        return wrappedIPv4(bytes).map(isLinkLocal) ?? false
    }

    /// The bytes of a literal address, nil for a name.
    static func literal(_ host: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let address = String(host.prefix { $0 != "%" })
        if inet_pton(AF_INET, address, &bytes) == 1 { return Array(bytes.prefix(4)) }
        return inet_pton(AF_INET6, address, &bytes) == 1 ? bytes : nil
    }

    private static let metadata: [UInt8] = [0xFD, 0, 0x0E, 0xC2] + Array(repeating: 0, count: 10) + [0x02, 0x54]

    private static func wrappedIPv4(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == bytes[11], bytes[10] == 0 || bytes[10] == 0xFF {
            return bytes[12...]
        }
        if bytes[0] == 0x20 && bytes[1] == 0x02 { return bytes[2..<6] }
        return bytes[..<4] == [0, 0x64, 0xFF, 0x9B] ? bytes[12...] : nil
    }
}
