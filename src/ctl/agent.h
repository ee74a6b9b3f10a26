#ifndef CTL_AGENT_H
#define CTL_AGENT_H

#include "base/arena.h"

/*
 * A User-Agent header in words: "Firefox 140 on Linux".  One that no row of the
 * tables fits is returned as it is.  Pure.
 */
struct str agent_words(struct arena *arena, struct str agent);

#endif
