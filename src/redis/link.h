#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/call.h"
#include "base/result.h"
#include "base/str.h"
#include "redis/breaker.h"
#include "redis/resp.h"
#include "redis/wire.h"

/*
 * One connection to Redis: a worker's own, opened at first need, and anew
 * where it turns out to be dead.
 */
struct link;

enum { LINK_WHY_MAX = WIRE_WHY_MAX };

/* Connects to nothing yet.  NULL: no memory. */
struct link *link_open(struct breaker *breaker);
void link_close(struct link *link);

/*
 * Puts a command behind those already waiting for link_exchange.  The
 * arguments are copied:  link_add(link, STR("GET"), key);
 */
#define link_add(link, ...) \
	link_add_args(link, (const struct str[]){ __VA_ARGS__ }, \
	    sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))
void link_add_args(struct link *link, const struct str *args, size_t count);

/*
 * Sends what was added in one write and reads one value each.  Connects first
 * if need be, once; a connection that turns out to be dead is replaced once,
 * so every command must bear to be sent twice.
 *
 * OK: values are filled.  An error reply about the type of a key is a value
 * for the caller to read; every other error is DOWN, as is everything that
 * keeps Redis from answering, with call->down_code set and the breaker told.
 */
MUST_CHECK enum result link_exchange(
    struct link *link, struct call *call, struct resp_value *values);

/*
 * The same for commands that this server may not have, or not allow: an error
 * reply that says so is a value for the caller to read, and no line in the log.
 */
MUST_CHECK enum result link_try(
    struct link *link, struct call *call, struct resp_value *values);

/*
 * The same as link_try for what leans on the exchange before it (MULTI): it is
 * sent over that connection or not at all.  Where this fails, or an error is
 * among the replies, the connection is closed, and what was begun on it ends.
 */
MUST_CHECK enum result link_go_on(
    struct link *link, struct call *call, struct resp_value *values);

/*
 * Redis answers, but not what was asked: a proxy, a key that is not ours, or a
 * defect.  Says so in the log; DOWN.
 */
enum result link_odd_reply(struct call *call);

/*
 * For the keeper: connects anew and asks for a PING, whatever the
 * breaker says.  False: why says what is wrong (never a secret).
 */
bool link_probe(struct link *link, char *why, size_t size);

#endif
