// SPDX-License-Identifier: Apache-2.0
// libcurl, with typed wrappers: Swift cannot call variadic functions.
#pragma once

#include <curl/curl.h>

static inline CURLcode granary_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
