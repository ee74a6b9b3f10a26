#ifndef POOL_H
#define POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/call.h"
#include "base/result.h"
#include "base/str.h"
#include "mysql/pool_options.h"

/*
 * A small pool of links to MySQL, for one site.
 *
 * All links lead to one server.  If the options name several, the pool changes
 * to the next server when a connect to the present one fails, when that is
 * read-only, and after three time-outs in a row.  It does not change back by
 * itself.
 *
 * Only its connector thread opens links, one at the start and others on demand;
 * workers never connect.  A circuit breaker opens when a connect to every
 * server has failed, when the server refuses to prepare a statement, and after
 * three time-outs in a row.  While it is open every use is refused at once, and
 * the connector retries after 100 ms, doubling to 1 s, +-20 %; so the pool
 * recovers without a request.  Each change of state is logged.
 *
 * The process must ignore SIGPIPE.
 */
struct pool;

/*
 * Starts the pool; MySQL need not be available.  Called by main, for all sites,
 * before it starts workers.  NULL with the reason in why: a statement has wrong
 * parameters (checked without a server), or the system is out of threads or
 * memory.
 */
struct pool *pool_open(
    const struct pool_options *options, char *why, size_t why_size);

/*
 * Asks the connector to stop; call after the workers and the watchdog have been
 * joined.  Call it for all pools before the first pool_close, so that their
 * connectors stop in parallel.  pool may be NULL.
 */
void pool_stop(struct pool *pool);

/*
 * Call after pool_stop.  Waits for the connector, until timeout_ms + 1.5 s
 * after pool_stop.  If it still hangs then (name resolution, a handshake), it
 * is detached and the pool's memory is not freed: the process is about to exit.
 * pool may be NULL.
 */
void pool_close(struct pool *pool);

/*
 * Shuts the links whose statement is past its deadline, through a dup of their
 * sockets.  Never blocks; called every 50 to 100 ms by the watchdog thread.
 */
void pool_watch(struct pool *pool, int64_t now_ms);

/* The state of the server, as far as the pool knows. */
struct pool_gauges {
	bool is_known; /* an attempt to connect has ended */
	bool is_up;    /* the breaker is closed */
	int links;     /* open links to the server in use */
	int64_t end_s; /* the server's certificate ends, time(2); -1: unknown */
};
struct pool_gauges pool_gauges(struct pool *pool);

/*
 * Runs a SELECT.  params: in the order of the statement's row in the table of
 * statement.c.  Takes a PLACE_SQL of call->claims if none is held, and gives it
 * back afterwards; releases the leader permit before it waits.
 *
 * OK: row, in call->arena.  MISS: no row, or no row can match params.  FULL: no
 * place.  MYSQL_DOWN: MySQL is unavailable, late or refuses.  FAULT, logged:
 * two rows, a column above 64 KiB, missing columns.  A lost link is retried
 * once, a lock wait or deadlock twice, within timeout_ms of the start and
 * call->deadline_ms.
 */
MUST_CHECK enum result pool_select(struct pool *pool, struct call *call,
    enum pool_statement which, const struct str *params, struct pool_row *row);

/*
 * Runs a statement that changes rows.  params: as for pool_select; STR_NONE is
 * NULL; parameters that the SQL does not name are ignored.  *affected: the
 * number of rows found, whether changed or not.
 *
 * OK: done, perhaps with 0 rows.  BAD: the table does not accept a value (too
 * long, not in its character set, a duplicate); nothing has changed.  REFUSED:
 * the database user lacks the privilege; logged.  FULL: no place.  MYSQL_DOWN:
 * as for pool_select, but the change may have been made: after the statement
 * was sent a lost link is never retried (the link is pinged first).  A lock
 * wait or deadlock changes nothing and is retried.  FAULT, logged: the SQL is
 * wrong.
 */
MUST_CHECK enum result pool_change(struct pool *pool, struct call *call,
    enum pool_statement which, const struct str *params, int64_t *affected);

/* True if the statement is configured.  pool_uses: and has this parameter. */
bool pool_has(const struct pool *pool, enum pool_statement which);
bool pool_uses(const struct pool *pool, enum pool_statement which, int param);

/*
 * True if user_by_login returned a column totp over the link opened last.
 * Before the first link: true if the text of the statement has the word.
 */
bool pool_has_totp(const struct pool *pool);

/*
 * Checks that a SELECT works, whether it finds a row or not.  OK, FULL, or
 * MYSQL_DOWN with the reason in *why, in call->arena.
 */
MUST_CHECK enum result pool_probe(struct pool *pool, struct call *call,
    enum pool_statement which, const struct str *params, struct str *why);

/*
 * For --check-config: connects to one of the servers, prepares each statement,
 * checks the columns.  A user_update for which the privilege is missing is no
 * error.  False: why has the reason, with the name of the statement if it is
 * about one; of several servers a read-only one is refused, too.  True: why is
 * empty or a warning.
 */
MUST_CHECK bool pool_check(
    const struct pool_options *options, int server, char *why, size_t why_size);

#endif
