#ifndef SENTINELS_H
#define SENTINELS_H

#include <stdbool.h>
#include <stddef.h>

#include "redis/wire/breaker.h"

/*
 * The Sentinels of the primary, which know its address.  Each has a watcher
 * (redis/discovery/watcher.h); sentinel_choose chooses among their answers.
 * When another primary was chosen the links to the old one are given up at once
 * (breaker_leave).  While no Sentinel answers, the known primary stands.
 *
 * A replica that is being promoted is followed as soon as it reports to be the
 * primary, which is up to a second before the Sentinels
 * agree.  All that the old primary still accepts in that second is lost.
 */
struct sentinels;

/* Starts a thread for each Sentinel of the URL.  NULL with errno. */
struct sentinels *sentinels_open(struct breaker *breaker);

/*
 * Ends the threads.  Waits for what each is doing: the resolver, connects and
 * commands, each until its time-out.
 */
void sentinels_close(struct sentinels *sentinels);

/*
 * Sets *address to the address of the primary.  At the start waits for an
 * answer or a failure of each Sentinel, at most a second.  False: why has the
 * reason.
 */
bool sentinels_find(struct sentinels *sentinels, struct server_address *address,
    char *why, size_t size);

/* True if this is the address of the primary, or if none is known. */
bool sentinels_names(
    struct sentinels *sentinels, const struct server_address *address);

/* True if a Sentinel says that the primary does not answer it. */
bool sentinels_is_down(struct sentinels *sentinels);

/*
 * Sets *promoted to the replica that is being promoted.  False: there is none,
 * it was announced more than 3 s ago, or it is followed already.
 */
bool sentinels_promoted(
    struct sentinels *sentinels, struct server_address *promoted);

/*
 * Reports that the promoted replica has become the primary: sentinels_find
 * returns it from now on.  If the Sentinels do not confirm it within 10 s,
 * their own choice is returned again.
 */
void sentinels_follow_promoted(struct sentinels *sentinels);

#endif
