#ifndef REPEAT_H
#define REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "redis/wire/ends.h"
#include "redis/wire/wire.h"

/*
 * Repeats the ends of redis/wire/ends.h on a server that was found, before the
 * breaker lets others ask it.  A session is deleted again.  A generation is
 * replaced only if the value stands that it replaced, by a script or, where
 * scripts are refused, by a transaction; where both are, it is left out.
 */
struct repeat {
	struct ends *ends;
	struct wire *wire; /* connected to the server */
	struct arena *arena;
	int64_t wait_ms; /* for each of at most 9 exchanges, and each
			    transaction */
	uint64_t
	    number; /* the first end to repeat; then, the one behind them */
};

/*
 * False: the server did not answer, or refuses all commands; why (WIRE_WHY_MAX)
 * is the reason.  Some may have been repeated; all are safe to repeat.  Logs
 * how many.
 */
bool repeat_ends(struct repeat *repeat, char *why);

#endif
