#ifndef FORM_H
#define FORM_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Finds a field in an application/x-www-form-urlencoded body (WHATWG URL, 5.1).
 * `+` is a space, percent escapes are decoded, and malformed ones stay.  The
 * first field of the name counts.  *value may be empty or hold any byte.
 * False: there is no such field; *value is unchanged.
 */
bool form_find(
    struct arena *arena, struct str body, struct str name, struct str *value);

#endif
