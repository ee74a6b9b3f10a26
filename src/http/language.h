#ifndef LANGUAGE_H
#define LANGUAGE_H

#include <stddef.h>

#include "base/str.h"

/*
 * Chooses one of count languages by Accept-Language (RFC 9110, 12.5.4) with the
 * lookup of RFC 4647, 3.4 (`de-AT` matches `de`).  A language is written in
 * lower case with `_` for `-`, as `pt_br`.  The highest weight wins, and the
 * first of equal ones.  Returns the index; 0 if none matches or the header is
 * absent.
 */
size_t language_choose(
    struct str accept_language, const struct str *languages, size_t count);

#endif
