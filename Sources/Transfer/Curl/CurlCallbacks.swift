// SPDX-License-Identifier: Apache-2.0

import CCurl
import GranaryCore

/// Where libcurl calls us. Each finds its transfer by the pointer it was given; what it throws is kept there, and curl
/// is told to stop.
extension CurlTransfer {
    func installCallbacks() throws(GranaryError) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        let curl = handle.pointer
        try handle.check(granary_curl_set_header(curl, headerArrived, me), CURLOPT_HEADERFUNCTION)
        try handle.check(granary_curl_set_write(curl, bytesArrived, me), CURLOPT_WRITEFUNCTION)
        try handle.check(granary_curl_set_read(curl, bytesWanted, me), CURLOPT_READFUNCTION)
        try handle.check(granary_curl_set_seek(curl, rewindWanted, me), CURLOPT_SEEKFUNCTION)
        try handle.check(granary_curl_set_open_socket(curl, socketWanted, me), CURLOPT_OPENSOCKETFUNCTION)
    }
}

private func transfer(_ data: UnsafeMutableRawPointer?) -> CurlTransfer? {
    data.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
}

extension CurlTransfer {
    /// Runs our side of a callback; nil when it threw.
    fileprivate func guarded<Value>(_ body: () throws -> Value) -> Value? {
        do {
            return try body()
        } catch {
            fail(error)
            return nil
        }
    }
}

private let headerArrived: curl_write_callback = { bytes, size, count, data in
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard let transfer = transfer(data), transfer.guarded({ try transfer.receive(line: line) }) != nil else { return 0 }
    return line.count
}

private let bytesArrived: curl_write_callback = { bytes, size, count, data in
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard let transfer = transfer(data) else { return Int(CURL_WRITEFUNC_ERROR) }
    return switch transfer.guarded({ try transfer.receive(piece) }) {
    case .taken?: piece.count
    case .pause?: Int(CURL_WRITEFUNC_PAUSE)
    case .enough?, nil: Int(CURL_WRITEFUNC_ERROR)
    }
}

private let bytesWanted: curl_read_callback = { bytes, size, count, data in
    let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    guard let transfer = transfer(data), let given = transfer.guarded({ try transfer.give(into: buffer) }) else {
        return Int(CURL_READFUNC_ABORT)
    }
    return given ?? Int(CURL_READFUNC_PAUSE)
}

private let rewindWanted: curl_seek_callback = { data, offset, origin in
    guard let transfer = transfer(data), offset == 0, origin == 0, transfer.guarded({ try transfer.rewind() }) != nil
    else { return Int32(CURL_SEEKFUNC_FAIL) }
    return Int32(CURL_SEEKFUNC_OK)
}

/// After the name is resolved and before a packet leaves: the one place that knows where it really goes.
private let socketWanted: curl_opensocket_callback = { data, purpose, address in
    guard let transfer = transfer(data), let address else { return -1 }
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = Int(granary_curl_address(address, &bytes))
    if !transfer.job.request.access.allowsLinkLocal, AddressRule.isLinkLocal(bytes.prefix(count)) {
        transfer.fail(GranaryError.addressRefused(transfer.job.url))
        return -1
    }
    return granary_curl_open_socket(address)
}
