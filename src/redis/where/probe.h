#ifndef PROBE_H
#define PROBE_H

#include <stdint.h>

#include "base/arena.h"
#include "redis/where/finder.h"
#include "redis/wire/breaker.h"
#include "redis/wire/wire.h"

/* The questions of the prober to a server, and its conclusions. */
struct probe {
	struct breaker *breaker;
	struct finder *finder;
	struct arena *arena; /* of one probe */
};

/* The result of a probe; why says what is wrong. */
struct finding {
	enum breaker_server server;
	struct where where;
	bool is_new;
	char why[WIRE_WHY_MAX];
};

/* Sets the result and its reason; returns server. */
enum breaker_server finding_set(
    struct finding *finding, enum breaker_server server, const char *why);

/*
 * Asks over a connected wire, in two exchanges of wait_ms each at most: HELLO
 * and PING, with what the finder adds, then ROLE of a replica.  Returns
 * finding->server; a link that gave no answer is the caller's to close.
 */
enum breaker_server probe_ask(const struct probe *probe, struct wire *wire,
    int64_t wait_ms, struct finding *finding);

#endif
