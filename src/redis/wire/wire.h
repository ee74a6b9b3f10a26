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
 * Layer 2 of 3 (resp.h bytes, wire.h socket, link.h policy): one connection to
 * Redis and every wait on it, so that a deadline holds whatever the server
 * does.  Does not retry, and reports nothing to the breaker; it only takes the
 * address of Redis from it.
 */
struct wire;

/* The outcome of a call. */
enum wire_verdict {
	WIRE_DONE,
	WIRE_NOTHING, /* wire_take: no complete value arrived */
	WIRE_BROKEN,  /* the connection is dead, or its bytes are invalid */
	WIRE_TIMED_OUT,
	WIRE_REFUSED,	/* connect was refused, or no address is known */
	WIRE_ELSEWHERE, /* a replica, but a primary is expected */
	WIRE_BARRED,	/* the server does not admit this connection */
	WIRE_LONG,	/* a value too long to skip in time; close */
	WIRE_SHORT	/* out of descriptors or memory here, not in Redis */
};

enum { WIRE_WHY_MAX = 160 };

/* Does not connect yet.  NULL: no memory. */
struct wire *wire_open(struct breaker *breaker);
void wire_close(struct wire *wire);

/* The login (NULL: none), and the database to select. */
struct wire_login {
	const char *user, *password; /* outlive the wire */
	int database;
};

/* Sets another login than that of the URL, for Sentinels. */
void wire_set_login(struct wire *wire, const struct wire_login *login);

/*
 * Connects to the breaker's address and logs in (AUTH, SELECT), within the
 * breaker's connect_ms and the call's deadline.  Queued commands stay.  The
 * role is requested with HELLO, whose reply is read before that of the first
 * command: a replica makes wire_converse return ELSEWHERE while the breaker
 * expects a primary.  So a replica behind a name with several addresses is
 * noticed.
 */
MUST_CHECK enum wire_verdict wire_connect(
    struct wire *wire, const struct call *call);

/*
 * Connects to the given address and logs in, without HELLO: the caller asks for
 * the role itself.
 */
MUST_CHECK enum wire_verdict wire_connect_to(struct wire *wire,
    const struct call *call, const struct server_address *address);

/* True if it was connected in an earlier epoch, so maybe to another server. */
bool wire_is_outdated(const struct wire *wire);

/* Closes the connection, if there is one. */
void wire_disconnect(struct wire *wire);

/* The socket; -1: not connected. */
int wire_fd(const struct wire *wire);

/*
 * Queues a command for wire_converse.  The arguments are copied.
 *
 *	wire_add(wire, STR("GET"), key);
 */
#define wire_add(wire, ...) \
	wire_add_args(wire, (const struct str[]){ __VA_ARGS__ }, \
	    sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))
void wire_add_args(struct wire *wire, const struct str *args, size_t count);

/* The number of queued commands; wire_forget wipes and removes them. */
int wire_pending(const struct wire *wire);
void wire_forget(struct wire *wire);

/* Describes a queued command without secrets, see resp_describe. */
void wire_describe(
    const struct wire *wire, int index, char *words, size_t size);

/*
 * Sends the queued commands in one write and reads one value for each, error
 * replies included.  The commands stay queued for a retry.  After any result
 * but DONE the connection must be closed.
 */
MUST_CHECK enum wire_verdict wire_converse(
    struct wire *wire, const struct call *call, struct resp_value *values);

/*
 * Reads a value that Redis has pushed; never waits.  NOTHING: no complete value
 * has arrived.  If a part of one has, wire_has_rest is true and the arena must
 * not be reset.
 */
MUST_CHECK enum wire_verdict wire_take(
    struct wire *wire, struct arena *arena, struct resp_value *value);
bool wire_has_rest(const struct wire *wire);

/*
 * True if a reply to HELLO reports a replica; false also if it reports no role.
 */
bool wire_is_replica(const struct resp_value *hello);

/* True if a reply to HELLO reports a version before 7, as "6.2.14". */
bool wire_is_old(const struct resp_value *hello);

/* The reason of the last failure, as text without secrets. */
const char *wire_why(const struct wire *wire);

#endif
