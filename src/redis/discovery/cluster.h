#ifndef CLUSTER_H
#define CLUSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "redis/wire/breaker.h"
#include "redis/wire/wire.h"

/*
 * Finds the node of a Redis Cluster that owns our slot.  All keys have the tag
 * of [redis] key_prefix, hence are in one slot, and there is one owner.  A node
 * that is asked for a key of the slot is the owner, or answers MOVED with the
 * owner's address (Redis Cluster specification, MOVED redirection).
 */
struct cluster;

/* The breaker outlives the cluster.  NULL: no memory. */
struct cluster *cluster_open(struct breaker *breaker);
void cluster_close(struct cluster *cluster);

/*
 * Finds the owner and sets *address: asks the last owner and the nodes of the
 * URL in turn, and follows at most 5 redirections.  May take the time-outs of a
 * connect and of a command for each node, and that of the resolver.  False: why
 * has the reason.
 */
bool cluster_find(struct cluster *cluster, struct server_address *address,
    char *why, size_t size);

/* Queues a GET for a key of the slot; cluster_owns judges the reply. */
void cluster_add_question(struct cluster *cluster, struct wire *wire);

/*
 * True if the node that sent this reply owns the slot.  False: it redirects,
 * the Cluster is down, or the node serves no clients.  A slot that is being
 * moved counts as the node's own until it is moved.
 */
bool cluster_owns(const struct resp_value *reply);

/*
 * Splits MOVED SLOT HOST:PORT.  *host is empty where the node that answered
 * does not know its own address: the host is the same, the port another.
 * False: malformed, or no MOVED at all.
 */
bool cluster_read_moved(struct str text, struct str *host, int *port);

#endif
