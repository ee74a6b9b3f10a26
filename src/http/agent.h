#ifndef AGENT_H
#define AGENT_H

#include "base/arena.h"

/*
 * A User-Agent header in words: "Firefox 140 on Linux".  One that no row of the
 * tables fits is returned as it is.  Pure.
 */
struct str agent_words(struct arena *arena, struct str text);

/*
 * A device for a page of any language: "Firefox, Linux", or
 * "Samsung Internet" where both would be too long; at most AGENT_DEVICE_MAX
 * bytes, none of which needs an escape.  Of a header that no row fits it is the
 * start, up to a byte that would need one.  Never absent, may be empty.  Pure.
 */
enum { AGENT_DEVICE_MAX = 17 };
struct str agent_device(struct arena *arena, struct str text);

#endif
