#ifndef PROBE_H
#define PROBE_H

#include <stdint.h>

#include "base/arena.h"
#include "redis/discovery/finder.h"
#include "redis/wire/breaker.h"
#include "redis/wire/wire.h"

/* The state that the questions of the prober to a server need. */
struct probe {
	struct breaker *breaker;
	struct finder *finder;
	struct arena *arena; /* for the replies to one probe */
};

/* The result of a probe.  why: what is wrong; "": nothing. */
struct finding {
	enum breaker_server server;
	struct server_address address;
	bool is_new; /* the connection was opened for this probe */
	char why[WIRE_WHY_MAX];
};

/* Sets the result and its reason; returns server. */
enum breaker_server finding_set(
    struct finding *finding, enum breaker_server server, const char *why);

/*
 * Asks over a connected wire, in at most two exchanges of at most wait_ms each:
 * HELLO and PING, with the question of the finder, and then ROLE if it is a
 * replica.  Returns finding->server.  After BREAKER_AWAY the caller closes the
 * wire.
 */
enum breaker_server probe_ask(const struct probe *probe, struct wire *wire,
    int64_t wait_ms, struct finding *finding);

#endif
