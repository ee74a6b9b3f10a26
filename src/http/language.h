#ifndef LANGUAGE_H
#define LANGUAGE_H

#include <stddef.h>

#include "base/str.h"

/*
 * Which of count languages to answer in, by Accept-Language (RFC 9110, 12.5.4;
 * RFC 4647, 3.4, lookup: `de-AT` finds `de`).  A language is written in small
 * letters with `_` for `-`, as `pt_br`.  The highest weight wins, and of equal
 * ones the first.  The index; 0 where nothing fits or nothing is asked for.
 */
size_t language_choose(
    struct str accept_language, const struct str *languages, size_t count);

#endif
