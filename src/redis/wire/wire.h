#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/call.h"
#include "base/result.h"
#include "base/str.h"
#include "redis/wire/breaker.h"
#include "redis/wire/resp.h"

/*
 * A connection to Redis, once: the socket, and every wait on it, so that a
 * deadline holds whatever the server does.  Nothing is tried again, and the
 * breaker is told nothing; it only knows where Redis is.
 */
struct wire;

/* What became of it. */
enum wire_verdict {
	WIRE_DONE,
	WIRE_NOTHING, /* wire_take: no whole value has come */
	WIRE_BROKEN,  /* the connection is dead or talks nonsense */
	WIRE_TIMED_OUT,
	WIRE_REFUSED,	/* nobody listens */
	WIRE_ELSEWHERE, /* a replica, where a primary is believed in */
	WIRE_BARRED,	/* somebody does, and does not let this link in */
	WIRE_LONG,	/* a value that took too long to skip; close */
	WIRE_SHORT	/* of descriptors or memory here: no fault of Redis */
};

enum { WIRE_WHY_MAX = 160 };

/* Connects to nothing yet.  NULL: no memory. */
struct wire *wire_open(struct breaker *breaker);
void wire_close(struct wire *wire);

/*
 * Connects to where the breaker says that Redis is and introduces us (AUTH,
 * SELECT), in the breaker's connect_ms and until the call's deadline at most.
 * Commands that were added stay.  The server's role is asked with the first of
 * them: a replica is ELSEWHERE to wire_converse while the breaker believes in a
 * primary, so that one behind an address of several is noticed.
 */
MUST_CHECK enum wire_verdict wire_connect(
    struct wire *wire, const struct call *call);

/* To another place, for the prober, which asks the role itself. */
MUST_CHECK enum wire_verdict wire_connect_to(
    struct wire *wire, const struct call *call, const struct where *where);

/* Connected in an earlier epoch of the breaker: maybe to another server. */
bool wire_is_outdated(const struct wire *wire);

/* Not connected is fine too. */
void wire_disconnect(struct wire *wire);

/* -1: not connected. */
int wire_fd(const struct wire *wire);

/*
 * Adds a command to those that wait for wire_converse.  The arguments are
 * copied:  wire_add(wire, STR("GET"), key);
 */
#define wire_add(wire, ...) \
	wire_add_args(wire, (const struct str[]){ __VA_ARGS__ }, \
	    sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))
void wire_add_args(struct wire *wire, const struct str *args, size_t count);

/* How many were added since wire_forget, which wipes them. */
int wire_pending(const struct wire *wire);
void wire_forget(struct wire *wire);

/* What one of them is about, without secrets: resp_describe. */
void wire_describe(
    const struct wire *wire, int index, char *words, size_t size);

/*
 * Sends what was added in one write and reads one value each, error replies
 * included.  The commands stay, for another try; after anything but DONE the
 * connection is of no use.
 */
MUST_CHECK enum wire_verdict wire_converse(
    struct wire *wire, const struct call *call, struct resp_value *values);

/*
 * A value that came unasked; never waits.  NOTHING: no whole one is there,
 * and if a part of one is, wire_has_rest is true and the arena must stay.
 */
MUST_CHECK enum wire_verdict wire_take(
    struct wire *wire, struct arena *arena, struct resp_value *value);
bool wire_has_rest(const struct wire *wire);

/* Does a reply to HELLO tell of a replica?  One that does not tell: false. */
bool wire_is_replica(const struct resp_value *hello);

/* What went wrong last, in words; never a secret. */
const char *wire_why(const struct wire *wire);

#endif
