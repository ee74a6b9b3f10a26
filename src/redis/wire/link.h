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
 * Layer 3 of 3 (resp.h bytes, wire.h socket, link.h policy): one thread's link
 * to Redis.  It connects when first needed, reconnects, obeys the circuit
 * breaker, and turns error replies into results.
 */
struct link;

/* Does not connect yet.  The breaker outlives the link.  NULL: no memory. */
struct link *link_open(struct breaker *breaker);
void link_close(struct link *link);

/*
 * Queues a command for the next link_exchange, link_try or link_go_on.  The
 * arguments are copied.
 *
 *	link_add(link, STR("GET"), key);
 */
#define link_add(link, ...) \
	link_add_args(link, (const struct str[]){ __VA_ARGS__ }, \
	    sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))
void link_add_args(struct link *link, const struct str *args, size_t count);

/*
 * Sends the queued commands in one write and reads one value for each.
 * Connects first if needed.  If the connection turns out to be dead, it is
 * replaced and all commands are sent once more; if it led to the wrong server
 * (breaker_doubt), or the server was left meanwhile, the same is done with the
 * right one.  So a command may run more than once, and must be safe to.
 *
 * OK: values are filled.  An error reply about the data (ERROR_DATA of
 * redis/wire/error_reply.h) is a value for the caller, nested or not.  Every
 * other error, and every failure of Redis to answer, is RESULT_REDIS_DOWN
 * ("DOWN"): the breaker is notified, and the error is logged.  The queue is
 * empty afterwards.
 */
MUST_CHECK enum result link_exchange(
    struct link *link, struct call *call, struct resp_value *values);

/*
 * Like link_exchange, for commands that the server may lack or forbid.  Such an
 * error reply (ERROR_COMMAND) is a value for the caller and is not logged.  A
 * nested one is DOWN: its command was run.
 */
MUST_CHECK enum result link_try(
    struct link *link, struct call *call, struct resp_value *values);

/*
 * Like link_try, for commands that depend on the previous exchange (MULTI):
 * sent over that connection or not at all.  If this fails, or a reply is an
 * error, the connection is closed, which ends the transaction.
 */
MUST_CHECK enum result link_go_on(
    struct link *link, struct call *call, struct resp_value *values);

/*
 * True if the last link_go_on was DOWN because it met the wrong server, which
 * executed nothing, and the right server was found since: the caller may start
 * again.
 */
bool link_has_moved(const struct link *link);

/*
 * Notes an end of a session; to be called before Redis is asked for it
 * (ends_note).
 */
void link_note_end(struct link *link, const struct end *end);

/*
 * Writes the end of a session to the spool (spool_add) and wakes the prober,
 * which repeats it.  False: there is no spool, or the write failed.
 */
MUST_CHECK bool link_spool_end(
    struct link *link, struct call *call, const char *site, struct str key);

/* Why the last exchange was DOWN, as text without secrets. */
const char *link_why(const struct link *link);

/* True if Redis is known to be away; why has the reason (breaker_why). */
bool link_is_away(const struct link *link, char *why, size_t size);

/*
 * Logs a reply of an unexpected shape and returns DOWN.  Possible causes are a
 * proxy, a key of another program and a defect.
 */
enum result link_odd_reply(void);

#endif
