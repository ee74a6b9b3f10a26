#ifndef NEXT_H
#define NEXT_H

#include <stdbool.h>

#include "base/str.h"

#define NEXT_MAX 2048 /* bytes */

/*
 * May a browser be sent there after a login?  Only to a path on the same
 * origin, written so that no browser takes it for anything else: it begins
 * with one `/`, and holds neither a backslash (browsers read it as `/`), nor
 * a blank or control byte (they drop some of them), nor a byte that is not
 * ASCII.  At most NEXT_MAX bytes.
 */
bool next_is_local(struct str next);

#endif
