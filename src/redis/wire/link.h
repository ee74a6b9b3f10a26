#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/call.h"
#include "base/result.h"
#include "base/str.h"
#include "redis/wire/breaker.h"
#include "redis/wire/resp.h"
#include "redis/wire/wire.h"

/*
 * One connection to Redis: a worker's own, opened at first need, and anew
 * where it turns out to be dead.
 */
struct link;

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
 * if need be, once; a connection that turns out to be dead, or that leads to
 * the wrong server (breaker_doubt), is replaced once and all is sent again: so
 * every command must bear to be sent twice.
 *
 * OK: values are filled.  An error reply about what a key holds (ERROR_DATA of
 * redis/wire/error_reply.h) is a value for the caller to read, nested or not;
 * every other error is DOWN, as is everything that keeps Redis from answering,
 * the breaker notified and the reason logged.
 */
MUST_CHECK enum result link_exchange(
    struct link *link, struct call *call, struct resp_value *values);

/*
 * The same for commands that this server may not have, or not allow: a reply
 * that is such an error is a value for the caller to read, and no line in the
 * log.  An error nested in a list is not: the command was run.
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
 * The last exchange was DOWN since it met the wrong server, nothing was done
 * there, and the right one has been found meanwhile: the caller may begin
 * anew.
 */
bool link_has_moved(const struct link *link);

/* Why the last exchange was DOWN, in words; never a secret. */
const char *link_why(const struct link *link);

/*
 * Redis answers, but not what was asked: a proxy, a key that is not ours, or a
 * defect.  Says so in the log; DOWN.
 */
enum result link_odd_reply(void);

#endif
