#ifndef NEXT_H
#define NEXT_H

#include <stdbool.h>

#include "base/arena.h"
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

/*
 * A next that somebody sent, in the form that next_is_local passes, in the
 * arena; STR_NONE where it has none.  Behind the `?` backslashes and bytes
 * above 127, which browsers send as they are, are percent-encoded.
 */
struct str next_read(struct arena *arena, struct str text);

/* The same of a request target, where such bytes may stand in the path, too. */
struct str next_of_target(struct arena *arena, struct str target);

#endif
