#ifndef FINDER_H
#define FINDER_H

#include <stdbool.h>
#include <stddef.h>

#include "redis/wire/breaker.h"
#include "redis/wire/wire.h"

/*
 * Finds where the primary may be, as the URL says: a path, a host name with its
 * addresses, Sentinels (redis/where/sentinels.h), nodes of a Cluster
 * (redis/where/cluster.h).  Used by the prober only, which finds out whether a
 * server is there and a primary.
 */
struct finder;

/* NULL with errno.  The breaker outlives it. */
struct finder *finder_open(struct breaker *breaker);
void finder_close(struct finder *finder);

/*
 * Finds the addresses to try in turn, by asking anew.  May block as long as the
 * resolver, and as cluster_find does.  Returns their number, 0: why is the
 * reason.
 */
size_t finder_find(struct finder *finder, struct where found[WHERE_MAX],
    char *why, size_t size);

/* Whether the server at this address is still meant, without asking. */
bool finder_names(struct finder *finder, const struct where *where);

/* Whether others say that it does not answer (sentinels_is_down). */
bool finder_is_down(struct finder *finder);

/*
 * A replica that is being promoted (sentinels_heir), and the report that it has
 * become the primary.
 */
bool finder_heir(struct finder *finder, struct where *heir);
void finder_follow_heir(struct finder *finder);

/*
 * Queues what a probe asks beyond the role, and says in how many commands (0 or
 * 1); finder_accepts judges the reply.
 */
int finder_add_probe(struct finder *finder, struct wire *wire);
bool finder_accepts(const struct resp_value *reply);

#endif
