#ifndef FORM_H
#define FORM_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Looks for a field in a form body, application/x-www-form-urlencoded (WHATWG
 * URL, 5.1): `+` is a space, percent escapes are decoded, malformed ones stay
 * as they are.  Of one name the first counts.  *value may be empty or hold any
 * byte; false leaves it alone.
 */
bool form_find(
    struct arena *arena, struct str body, struct str name, struct str *value);

#endif
