#ifndef NEXT_H
#define NEXT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

#define NEXT_MAX 2048 /* bytes */

/*
 * True if a login may redirect the browser to next: it is a path on the same
 * origin, and no browser can read it as anything else.  It begins with exactly
 * one `/`, and holds no backslash (browsers read it as `/`), no blank or
 * control byte (browsers drop some of them) and no byte above ASCII.  It has at
 * most NEXT_MAX bytes.
 */
bool next_is_local(struct str next);

/*
 * Returns a `next` parameter of a client in a form that next_is_local accepts,
 * in the arena; STR_NONE if it has no such form.  After the `?`, backslashes
 * and bytes above 127, which browsers send unencoded, are percent-encoded.
 */
struct str next_read(struct arena *arena, struct str text);

/*
 * next_read for a raw request target: bytes above 127 are percent-encoded in
 * the path as well.
 */
struct str next_of_target(struct arena *arena, struct str target);

#endif
