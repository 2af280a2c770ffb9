// SPDX-License-Identifier: Apache-2.0
// libcurl, with typed wrappers: Swift cannot call variadic functions. No logic belongs here.
#pragma once

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

static inline CURLcode granary_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static inline CURLcode granary_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode granary_curl_set_offset(CURL *handle, CURLoption option, int64_t value) {
    return curl_easy_setopt(handle, option, (curl_off_t)value);
}
/// The string is copied; NULL takes the option back to its default.
static inline CURLcode granary_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode granary_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
/// The list is not copied: it must live as long as the transfer.
static inline CURLcode granary_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode granary_curl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}
static inline CURLcode granary_curl_set_write(CURL *handle, curl_write_callback call, void *data) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, call);
    return code ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, data);
}
static inline CURLcode granary_curl_set_header(CURL *handle, curl_write_callback call, void *data) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, call);
    return code ? code : curl_easy_setopt(handle, CURLOPT_HEADERDATA, data);
}
static inline CURLcode granary_curl_set_read(CURL *handle, curl_read_callback call, void *data) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, call);
    return code ? code : curl_easy_setopt(handle, CURLOPT_READDATA, data);
}
static inline CURLcode granary_curl_set_seek(CURL *handle, curl_seek_callback call, void *data) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, call);
    return code ? code : curl_easy_setopt(handle, CURLOPT_SEEKDATA, data);
}
static inline CURLcode granary_curl_set_open_socket(CURL *handle, curl_opensocket_callback call, void *data) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, call);
    return code ? code : curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, data);
}
static inline CURLcode granary_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode granary_curl_get_offset(CURL *handle, CURLINFO info, int64_t *value) {
    curl_off_t offset = -1;
    CURLcode code = curl_easy_getinfo(handle, info, &offset);
    *value = offset;
    return code;
}
static inline CURLcode granary_curl_get_string(CURL *handle, CURLINFO info, const char **value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLMcode granary_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The bytes of an address in network order; returns how many: 4, 16, or 0 for another family.
static inline int32_t granary_curl_address(const struct curl_sockaddr *address, uint8_t bytes[16]) {
    if (address->family == AF_INET) {
        memcpy(bytes, &((const struct sockaddr_in *)&address->addr)->sin_addr, 4);
        return 4;
    }
    if (address->family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)&address->addr)->sin6_addr, 16);
        return 16;
    }
    return 0;
}
static inline curl_socket_t granary_curl_open_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
