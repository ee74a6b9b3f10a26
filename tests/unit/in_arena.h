#ifndef IN_ARENA_H
#define IN_ARENA_H

/* For tests whose state is an arena. */

#include "base/arena.h"

static inline int
open_arena(void **state)
{
	*state = arena_open();
	return *state == NULL;
}

static inline int
close_arena(void **state)
{
	arena_close(*state);
	return 0;
}

#endif
