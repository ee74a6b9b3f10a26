#ifndef SQL_H
#define SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/result.h"
#include "base/str.h"
#include "mysql/pool.h"
#include "mysql/statement.h"
#include "mysql/error_code.h"

/*
 * One connection to MySQL with its prepared statements: all that
 * libmysqlclient is used for.  A link belongs to one thread at a time; its
 * calls block, bounded by the library's own time-outs, which are per read,
 * and by whoever shuts its socket.  There is no auto-reconnect: prepared
 * statements would die unnoticed.
 */
struct sql_link;

/* Once, by main, before there are threads.  False with the reason in why. */
MUST_CHECK bool sql_library_open(char *why, size_t why_size);

struct sql_error {
	char text[320];	  /* the server's or our words, never a secret */
	bool is_crowding; /* the server has no room for one more link */
};

/*
 * Connects; NULL with error.  deadline_ms (clock_ms) is kept with Connector/C;
 * with Oracle's library a server that drips its handshake can take longer.
 * Not ready for use before sql_prepare, which is a step of its own so that
 * the socket can be watched meanwhile.
 */
struct sql_link *sql_connect(const struct statement_plan *plan,
    int64_t deadline_ms, struct sql_error *error);

/*
 * Sets the link up (settings.h), prepares every statement that reads, and
 * checks its columns.
 */
MUST_CHECK bool sql_prepare(struct sql_link *link, struct sql_error *error);

/*
 * Prepares every statement that is configured to change something, as
 * sql_change does at need.  False with what the server does not take.
 */
MUST_CHECK bool sql_try_changes(struct sql_link *link, struct sql_error *error);

/*
 * After sql_prepare: can user_state's active let anybody in?  False, or true
 * with a warning, with error; else error is empty.
 */
MUST_CHECK bool sql_judge_active(
    struct sql_link *link, struct sql_error *error);

/* Takes NULL too.  A broken one waits for nobody if its socket is shut. */
void sql_close(struct sql_link *link);

/* A dup of the link's socket, the caller's to close; -1 with errno. */
int sql_dup_socket(const struct sql_link *link);

/* Of no further use: to be shut and closed. */
bool sql_is_broken(const struct sql_link *link);

/* Runs a statement; see pool_select.  Its result is read to the end. */
MUST_CHECK enum sql_verdict sql_select(struct sql_link *link,
    enum pool_statement which, const struct str *params, struct arena *arena,
    struct pool_row *row, struct sql_error *error);

/*
 * Runs a statement that changes rows; see pool_change.  *affected: how many
 * it found.  SQL_LOST: it may have been done, or not.
 */
MUST_CHECK enum sql_verdict sql_change(struct sql_link *link,
    enum pool_statement which, const struct str *params, int64_t *affected,
    struct sql_error *error);

/* SQL_OK: the server answers. */
MUST_CHECK enum sql_verdict sql_ping(
    struct sql_link *link, struct sql_error *error);

#endif
