#ifndef FINDER_H
#define FINDER_H

#include <stdbool.h>
#include <stddef.h>

#include "redis/wire/breaker.h"
#include "redis/wire/wire.h"

/*
 * Finds the addresses at which the primary may be, as the URL says: a path, a
 * host name with its addresses, Sentinels (redis/discovery/sentinels.h), nodes
 * of a Cluster (redis/discovery/cluster.h).  Used by the prober only, which
 * asks the server at each address if it is the primary.
 */
struct finder;

/* The breaker outlives the finder.  NULL with errno. */
struct finder *finder_open(struct breaker *breaker);
void finder_close(struct finder *finder);

/*
 * Finds the addresses to try in turn: asks the resolver or the Cluster anew, or
 * takes the last answer of the Sentinels.  May block as long as the resolver,
 * and as cluster_find does.  Returns their number; 0: why has the reason.
 */
size_t finder_find(struct finder *finder,
    struct server_address found[SERVER_ADDRESS_MAX], char *why, size_t size);

/* False if Sentinels name another address as the primary.  Sends nothing. */
bool finder_names(
    const struct finder *finder, const struct server_address *address);

/*
 * True if Sentinels say that the primary does not answer (sentinels_is_down).
 */
bool finder_is_down(const struct finder *finder);

/*
 * finder_promoted sets *promoted to a replica that is being promoted
 * (sentinels_promoted); false: there is none.  finder_follow_promoted, called
 * only after a true, reports that it has become the primary.
 */
bool finder_promoted(
    const struct finder *finder, struct server_address *promoted);
void finder_follow_promoted(struct finder *finder);

/*
 * Queues a question for each probe that depends on the kind of URL.  Returns
 * the number of commands, 0 or 1.  finder_accepts: true if its reply shows that
 * the server owns the slot of a Cluster.
 */
int finder_add_probe(struct finder *finder, struct wire *wire);
bool finder_accepts(const struct resp_value *reply);

#endif
