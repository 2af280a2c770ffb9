// SPDX-License-Identifier: Apache-2.0
// libxml2's pull parser. ICU is undefined first: its types clash with those that Foundation brings.
#pragma once

#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/xmlreader.h>

// Nothing that a document names is ever fetched, whatever its flags: not from the network and not from the disk.
static xmlParserInputPtr granary_xml_fetch_nothing(const char *url, const char *name, xmlParserCtxtPtr context) {
    (void)url;
    (void)name;
    (void)context;
    return NULL;
}

static inline void granary_xml_prepare(void) {
    xmlInitParser();
    xmlSetExternalEntityLoader(granary_xml_fetch_nothing);
}

// A reader of UTF-8 bytes that stay where they are while it lives. Errors are returned, never printed.
static inline xmlTextReaderPtr granary_xml_open(const char *bytes, int count) {
    return xmlReaderForMemory(
        bytes, count, NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}
