#ifndef SENTINELS_H
#define SENTINELS_H

#include <stdbool.h>
#include <stddef.h>

#include "redis/wire/breaker.h"

/*
 * The Sentinels of the primary, which say where it is.  Each has a watcher
 * (redis/where/watcher.h); their answers are weighed by sentinel_choose.  When
 * another primary was chosen the links of the old one are given up at once
 * (breaker_leave).  While no Sentinel answers, the known primary stands.
 *
 * A replica that is being promoted (the *heir*) is followed as soon as it
 * reports to be the primary, which is up to a second before the Sentinels
 * agree: what the old primary still accepts in that second is lost.
 */
struct sentinels;

/* Starts a thread for each Sentinel of the URL.  NULL with errno. */
struct sentinels *sentinels_open(struct breaker *breaker);

/* Ends the threads: at most the time-outs of a connect and of a command. */
void sentinels_close(struct sentinels *sentinels);

/*
 * Finds the primary.  At the start waits for an answer or a failure of each
 * Sentinel, at most a second.  False: why is the reason.
 */
bool sentinels_find(
    struct sentinels *sentinels, struct where *where, char *why, size_t size);

/* Whether this address is that of the primary, or none is known. */
bool sentinels_names(struct sentinels *sentinels, const struct where *where);

/* Whether a Sentinel says that the primary does not answer it. */
bool sentinels_is_down(struct sentinels *sentinels);

/* The heir, for 3 s at most, and until it is followed. */
bool sentinels_heir(struct sentinels *sentinels, struct where *heir);

/*
 * Reports that the heir has become the primary: it is named from now on.  The
 * Sentinels must confirm it within 10 s, else their own choice is named again.
 */
void sentinels_follow_heir(struct sentinels *sentinels);

#endif
