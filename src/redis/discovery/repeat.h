#ifndef REPEAT_H
#define REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "redis/wire/ends.h"
#include "redis/wire/wire.h"

/*
 * Repeats the ends of redis/wire/ends.h on a server that was found, before the
 * breaker lets links ask it.  A session is deleted again.  A generation is
 * replaced, or a claim written, only if the server has the value that was to be
 * replaced.  That is done by a script or, where scripts are refused, by a
 * transaction.  Where WATCH is refused as well these ends are left out.
 */
struct repeat {
	struct ends *ends;
	const char *spool; /* NULL: none */
	int spool_fd;	   /* 0: the spool is not locked */
	int spool_errno;   /* errno that was logged; 0: it was read */
	struct wire *wire; /* connected to the server */
	struct arena *arena;
	/* bounds the wait for the spool's lock, and each exchange */
	int64_t wait_ms;
	/* the first end to repeat; then the one after the last repeated */
	uint64_t number;
};

/*
 * Fills in *repeat.  With [redis] role = any it has neither ends nor spool,
 * since a replica accepts no write.
 */
void repeat_init(struct repeat *repeat, const struct breaker_options *options,
    struct arena *arena);

/*
 * Repeats the ends that this process has noted, and those of the spool, which
 * is then emptied.  The spool stays locked until repeat_release, and is not
 * read again before.  So a logout that finds the breaker open is either written
 * before the spool is read, or gets the lock after the breaker is closed, and
 * then asks Redis itself.
 *
 * False: the server did not answer, or refuses all commands, or the spool
 * cannot be read; why (WIRE_WHY_MAX) has the reason.  Some ends may have been
 * repeated; all of them are safe to repeat.  Logs their number.
 */
bool repeat_ends(struct repeat *repeat, char *why);
/* Ends the lock of the spool, if it is held. */
void repeat_release(struct repeat *repeat);

/* True if the spool has lines, or ends are owed. */
bool repeat_is_due(const struct repeat *repeat);

#endif
