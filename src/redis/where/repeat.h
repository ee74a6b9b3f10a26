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
 * replaced, and a claim written, only if the value stands that it replaced, by
 * a script or, where scripts are refused, by a transaction; where both are, it
 * is left out.
 */
struct repeat {
	struct ends *ends;
	const char *spool; /* NULL: none */
	int spool_fd;	   /* 0: it is not locked */
	int spool_errno; /* why it could not be read, as logged; 0: it could */
	struct wire *wire; /* connected to the server */
	struct arena *arena;
	int64_t wait_ms; /* for each of at most 9 exchanges, and each
			    transaction */
	uint64_t
	    number; /* the first end to repeat; then, the one behind them */
};

/* Without ends and spool where [redis] role = any: a replica takes no write. */
void repeat_init(struct repeat *repeat, const struct breaker_options *options,
    struct arena *arena);

/*
 * Repeats the ends that this process has noted and does the lines of the spool,
 * which is then emptied.  The spool stays locked until repeat_release, and is
 * not read again before: a logout that finds the breaker open is written before
 * the spool is read, or finds the breaker closed after it.
 *
 * False: the server did not answer, or refuses all commands, or the spool
 * cannot be read; why (WIRE_WHY_MAX) is the reason.  Some may have been
 * repeated; all are safe to repeat.  Logs how many.
 */
bool repeat_ends(struct repeat *repeat, char *why);
void repeat_release(struct repeat *repeat);

/* Whether the spool has lines. */
bool repeat_is_due(const struct repeat *repeat);

#endif
