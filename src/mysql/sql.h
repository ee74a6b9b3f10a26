#ifndef SQL_H
#define SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/result.h"
#include "base/str.h"
#include "mysql/pool_options.h"
#include "mysql/statement.h"
#include "mysql/error_code.h"

/*
 * One connection to MySQL with its prepared statements.  A link belongs to one
 * thread at a time.  Its calls block; they are bounded by the library's
 * time-outs, which are per read, and by the watchdog, which shuts the socket.
 * There is no automatic reconnect: it would lose the prepared statements.
 */
struct sql_link;

/*
 * Initializes the library.  May be repeated; the first call must have returned
 * before another thread uses MySQL.  False: why has the reason.
 */
MUST_CHECK bool sql_library_open(char *why, size_t why_size);

struct sql_error {
	char text[320];	  /* from the server or from us; never a secret */
	bool is_crowding; /* the server has no capacity for one more link */
};

/*
 * Connects to a server of the options, by its number; NULL with error.
 * Connector/C keeps deadline_ms (clock_ms); with Oracle's library a server that
 * sends its handshake slowly can exceed it.  The link needs sql_prepare before
 * use, a separate step so that the watchdog can watch the socket meanwhile.
 */
struct sql_link *sql_connect(const struct statement_plan *plan, int number,
    int64_t deadline_ms, struct sql_error *error);

/*
 * Asks, if the options name several servers, whether this one is read-only: a
 * replica may be behind, so a login there could undo a block or a change of
 * password.  A primary may become a replica later, so an answer counts for one
 * second.  SQL_OK: it is not read-only, or it is the only server, which is not
 * asked.  SQL_ELSEWHERE: it is read-only; the link counts as broken.  Else the
 * question failed.
 */
MUST_CHECK enum sql_verdict sql_check_writable(
    struct sql_link *link, struct sql_error *error);

/*
 * Asks the server for the end of its certificate (time(2)), in one round trip.
 * -1: the link has no TLS, or the server does not say.
 */
int64_t sql_certificate_end(struct sql_link *link);

/*
 * Sets the link up (settings.h), prepares every statement that reads, and
 * checks its columns.  False with error.
 */
MUST_CHECK bool sql_prepare(struct sql_link *link, struct sql_error *error);

/*
 * Prepares every configured statement that changes rows, as sql_change does on
 * demand.  False with error: the server refuses one.
 */
MUST_CHECK bool sql_try_changes(struct sql_link *link, struct sql_error *error);

/*
 * Call after sql_prepare.  Checks that the column `active` of user_state can
 * let a user in.  False: it cannot, with error.  True: error is a warning, or
 * empty.
 */
MUST_CHECK bool sql_check_active_type(
    struct sql_link *link, struct sql_error *error);

/* Call after sql_prepare.  True if user_by_login returns a column totp. */
bool sql_has_totp(const struct sql_link *link);

/*
 * link may be NULL.  A broken link whose socket is shut closes without
 * blocking.
 */
void sql_close(struct sql_link *link);

/* A dup of the link's socket, owned by the caller; -1 with errno set. */
int sql_dup_socket(const struct sql_link *link);

/* True if the link is unusable: shut and close it. */
bool sql_is_broken(const struct sql_link *link);

/* Runs a SELECT; see pool_select.  Reads the result to its end. */
MUST_CHECK enum sql_verdict sql_select(struct sql_link *link,
    enum pool_statement which, const struct str *params, struct arena *arena,
    struct pool_row *row, struct sql_error *error);

/*
 * Runs a statement that changes rows; see pool_change.  *affected: the number
 * of rows found.  SQL_LOST: the change may or may not have been made.
 */
MUST_CHECK enum sql_verdict sql_change(struct sql_link *link,
    enum pool_statement which, const struct str *params, int64_t *affected,
    struct sql_error *error);

/*
 * Runs any SQL, without parameters, and copies all its rows into the arena.
 * False with error.  For sessgatectl, not for requests.
 */
struct sql_answer {
	struct str *cells; /* row by row; NULL is STR_NONE */
	struct str *names; /* of the columns */
	int64_t *widths;   /* of the columns, in characters */
	size_t columns, rows;
};
MUST_CHECK bool sql_ask(struct sql_link *link, const char *sql,
    struct arena *arena, struct sql_answer *answer, struct sql_error *error);

/* SQL_OK: the server answers. */
MUST_CHECK enum sql_verdict sql_ping(
    struct sql_link *link, struct sql_error *error);

#endif
