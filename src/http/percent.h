#ifndef PERCENT_H
#define PERCENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Decodes the percent escapes of s (RFC 3986, 2.1) and, if is_form, `+` as a
 * space.  Malformed escapes stay.  The result is in the arena if anything
 * changed, else it is s itself.
 */
struct str percent_decode(struct arena *arena, struct str s, bool is_form);

#endif
