#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Is every token of text one of RFC 8259, and is no bracket nested deeper than
 * max_depth?  Stops at the first that is not, so depth costs nothing.
 * Strings are UTF-8 without raw control characters or lone surrogates; a
 * member's name holds no \u0000, which C strings would cut.
 *
 * Whether the tokens make a value (commas, colons, pairs of brackets) is not
 * asked here: that is the parser's part (json.c).
 */
bool json_scan_accepts(struct str text, int max_depth);

#endif
