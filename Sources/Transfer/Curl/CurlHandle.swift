// SPDX-License-Identifier: Apache-2.0

import CCurl
import GranaryCore

/// One easy handle of libcurl, used for one transfer after the other.
final class CurlHandle {
    let pointer: UnsafeMutableRawPointer
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let detail = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init() throws(GranaryError) {
        guard let pointer = curl_easy_init() else { throw .noHandle() }
        self.pointer = pointer
        detail.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        freeLists()
        detail.deallocate()
    }

    /// Forgets every option; connections are the multi handle's and stay.
    func reset() {
        curl_easy_reset(pointer)
        freeLists()
        detail[0] = 0
    }

    /// What curl says of the last failure beyond its code; empty when nothing.
    var failureDetail: String { String(cString: detail) }

    func set(_ option: CURLoption, _ value: Int) throws(GranaryError) {
        try check(granary_curl_set_long(pointer, option, value), option)
    }

    func set(_ option: CURLoption, _ value: Bool) throws(GranaryError) { try set(option, value ? 1 : 0) }

    /// Sizes of buffers: a handle that still has one from the transfer before keeps it as it is.
    func propose(_ option: CURLoption, _ value: Int) { _ = granary_curl_set_long(pointer, option, value) }

    func set(_ option: CURLoption, offset: Int64) throws(GranaryError) {
        try check(granary_curl_set_offset(pointer, option, offset), option)
    }

    /// Whole milliseconds, at least one: 0 would mean curl's own default.
    func set(_ option: CURLoption, milliseconds: Duration) throws(GranaryError) {
        try set(option, Int(max(1, milliseconds.microseconds / 1000)))
    }

    /// nil takes the option back to nothing.
    func set(_ option: CURLoption, _ value: String?) throws(GranaryError) {
        guard let value else { return try check(granary_curl_set_string(pointer, option, nil), option) }
        guard !value.utf8.contains(0) else { throw .refusedOption(option, "it holds a NUL") }
        try check(granary_curl_set_string(pointer, option, value), option)
    }

    func set(_ option: CURLoption, lines: [String]) throws(GranaryError) {
        try set(option, lines: lines.map { Array($0.utf8) })
    }

    func set(_ option: CURLoption, lines: [[UInt8]]) throws(GranaryError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            let longer = (line + [0]).withUnsafeBytes {
                curl_slist_append(list, $0.baseAddress?.assumingMemoryBound(to: CChar.self))
            }
            guard !line.contains(0), let longer else {
                curl_slist_free_all(list)
                throw .refusedOption(option, "a line could not be kept")
            }
            list = longer
        }
        if let list { lists.append(list) }
        try check(granary_curl_set_list(pointer, option, list), option)
    }

    /// Has curl write into our buffer what it knows of a failure.
    func keepFailureDetail() throws(GranaryError) {
        detail[0] = 0
        try check(granary_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, detail), CURLOPT_ERRORBUFFER)
    }

    func offset(_ info: CURLINFO) -> Int64? {
        var value: Int64 = -1
        return granary_curl_get_offset(pointer, info, &value) == CURLE_OK && value >= 0 ? value : nil
    }

    func check(_ code: CURLcode, _ option: CURLoption) throws(GranaryError) {
        guard code != CURLE_OK else { return }
        throw .refusedOption(option, String(cString: curl_easy_strerror(code)))
    }

    private func freeLists() {
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }
}

extension GranaryError {
    fileprivate static func noHandle() -> GranaryError {
        GranaryError(
            .transferFailed, "The transfer library gave no handle: memory is short.",
            remedy: "Give the service memory.",
            disposition: .retry(after: .seconds(1)))
    }

    fileprivate static func refusedOption(_ option: CURLoption, _ why: String) -> GranaryError {
        let name = curl_easy_option_by_id(option).map { String(cString: $0.pointee.name) } ?? "\(option.rawValue)"
        return GranaryError(
            .transferFailed, "The transfer library refused the setting \(name): \(why).",
            remedy: "Use libcurl 7.85 or newer, built with TLS, HTTP/2 and, for sftp, libssh2.")
    }
}
