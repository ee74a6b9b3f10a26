#ifndef POOL_H
#define POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/call.h"
#include "base/result.h"
#include "base/str.h"

/*
 * A small pool of links to MySQL, for one site of the process.
 *
 * Its connector thread alone opens links, one at start, others at need; a
 * worker never connects.  While MySQL is away the pool knows it (a breaker):
 * whoever asks is refused at once, and the connector tries again after 100 ms,
 * doubling to 1 s, +-20 %, so that it heals without a request.  The breaker
 * opens at a failed connect, at a statement that the server refuses to
 * prepare, and at three time-outs in a row.  Each change of state is a line
 * in the log.
 *
 * The process must ignore SIGPIPE.
 */
struct pool;

enum pool_statement {
	POOL_USER_BY_LOGIN, /* :login */
	POOL_USER_BY_ID,    /* :id */
	POOL_USER_STATE,    /* :id; may be empty */
	/* these change something, are prepared when needed, and may be empty */
	POOL_USER_UPDATE,     /* enum pool_update_param */
	POOL_PASSWORD_UPDATE, /* :id, :hash; :old where the SQL has it */
	POOL_STATEMENTS
};

/*
 * The parameters of POOL_USER_UPDATE; all but the first are there only where
 * the SQL has them, a value and its `given`, "1" or "0", together.
 */
enum pool_update_param {
	POOL_UPDATE_ID,
	POOL_UPDATE_NAME,
	POOL_UPDATE_NAME_GIVEN,
	POOL_UPDATE_IMAGE,
	POOL_UPDATE_IMAGE_GIVEN,
	POOL_UPDATE_PARAMS
};

/* What statements return; statement.c's table says which returns which. */
enum pool_column {
	POOL_ID,
	POOL_LOGIN,
	POOL_NAME,
	POOL_EMAIL,
	POOL_IMAGE,
	POOL_HASH,
	POOL_ACTIVE,
	POOL_ROLES,
	POOL_COLUMNS
};

/* A NULL column, and one that the statement does not have, is STR_NONE. */
struct pool_row {
	struct str columns[POOL_COLUMNS];
};

/* The strings stay the caller's and outlive the pool; NULL is as good as "". */
struct pool_options {
	const char *socket; /* wins over host and port */
	const char *host;
	int port; /* 0: the library's default */
	const char *user, *password, *database;
	int connections;    /* links at most: the site's share of PLACE_SQL */
	int64_t timeout_ms; /* for one use of a statement, in all */
	const char *sql[POOL_STATEMENTS]; /* with named parameters */
	const char *site; /* named in the lines of the log; NULL: none */
};

/*
 * Starts the pool; MySQL need not be there.  Called by main, for all sites,
 * before it starts workers.  NULL with the reason in why: a statement with
 * wrong parameters (they are checked without a server), or a system out of
 * threads or memory.
 */
struct pool *pool_open(
    const struct pool_options *options, char *why, size_t why_size);

/*
 * After the workers and the watchdog have been joined: the connector is told
 * to leave.  To be said to all pools before the first is closed, so that
 * their connectors leave at the same time.  Takes NULL too.
 */
void pool_stop(struct pool *pool);

/*
 * After pool_stop.  Waits for the connector, at most timeout_ms and 1.5 s
 * from then; one that still hangs then (names that do not resolve, a
 * handshake that drips) is left behind with the pool's memory: the process is
 * to end.  Takes NULL too.
 */
void pool_close(struct pool *pool);

/*
 * Cuts off the links whose statement is past its deadline, by shutting our
 * own dup of their socket.  Never blocks; called every 50 to 100 ms by the
 * watchdog thread.
 */
void pool_watch(struct pool *pool, int64_t now_ms);

/*
 * Runs a SELECT for params, the statement's parameters in the order of its
 * row in statement.c's table.  Takes a PLACE_SQL of call->claims (given back by
 * the worker), and lends its thread out before it waits.
 *
 * OK: row, in call->arena.  MISS: no row, or params that no row can match.
 * FULL: no place.  MYSQL_DOWN: unavailable, late or it refuses.
 * FAULT, logged: two rows, a column above 64 KiB, missing columns.
 * A lost link costs one more try, a lock wait or deadlock two, within
 * timeout_ms of the call's start and call->deadline_ms.
 */
MUST_CHECK enum result pool_select(struct pool *pool, struct call *call,
    enum pool_statement which, const struct str *params, struct pool_row *row);

/*
 * Runs a statement that changes rows; params as above, STR_NONE is NULL; what
 * the SQL does not name is not looked at.  *affected: the rows it found,
 * changed or not.
 *
 * OK, also with 0 rows.  BAD: a value that the table does not take (too long,
 * not of its character set, a duplicate); nothing is changed.  DENY: the
 * database user may not do that (logged).  FULL: no place.  DOWN: as above,
 * but it may have been changed: a lost link is never followed by another try
 * once the statement was on its way (the link is asked for a sign of life
 * first); a lock wait or deadlock, which change nothing, are.  FAULT, logged:
 * the statement is not what it should be.
 */
MUST_CHECK enum result pool_change(struct pool *pool, struct call *call,
    enum pool_statement which, const struct str *params, int64_t *affected);

/* The statement is configured; it is, and has that parameter. */
bool pool_has(const struct pool *pool, enum pool_statement which);
bool pool_uses(const struct pool *pool, enum pool_statement which, int param);

/* Does MySQL answer?  OK, FULL or DOWN, as above. */
MUST_CHECK enum result pool_ping(struct pool *pool, struct call *call);

/*
 * For --check-config: connects, prepares each statement, checks the columns;
 * a user_update that the database user may not run is no error.
 * False with what failed in why, statements by their name; true with a warning
 * in why, which is empty else.
 */
MUST_CHECK bool pool_check(
    const struct pool_options *options, char *why, size_t why_size);

#endif
