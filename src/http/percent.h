#ifndef PERCENT_H
#define PERCENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * s with its percent escapes decoded (RFC 3986, 2.1) and, in a form, `+` as a
 * space; malformed escapes stay as they are.  In the arena where anything
 * changed, else s itself.
 */
struct str percent_decode(struct arena *arena, struct str s, bool is_form);

#endif
