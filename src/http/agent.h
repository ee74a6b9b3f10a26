#ifndef AGENT_H
#define AGENT_H

#include "base/arena.h"

/*
 * Returns a User-Agent header in words: "Firefox 140 on Linux".  A header that
 * no row of the tables fits is returned unchanged.  Pure.
 */
struct str agent_words(struct arena *arena, struct str text);

/*
 * Returns the name of a device for a page of any language: "Firefox, Linux", or
 * "Samsung Internet" alone if both would be too long.  It has at most
 * AGENT_DEVICE_MAX bytes, none of which needs an escape.  For a header that no
 * row fits it is the start of the header, up to the first byte that would need
 * an escape.  Never absent, may be empty.  Pure.
 */
enum { AGENT_DEVICE_MAX = 17 };
struct str agent_device(struct arena *arena, struct str text);

#endif
