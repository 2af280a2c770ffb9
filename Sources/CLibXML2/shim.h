// SPDX-License-Identifier: Apache-2.0
// libxml2's pull parser. ICU is undefined first: its types clash with those that Foundation brings.
#pragma once

#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/xmlreader.h>
