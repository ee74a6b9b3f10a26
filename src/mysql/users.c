/* The port of the users table: interprets rows, which the pool fetches. */
#include "config.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "mysql/active.h"
#include "mysql/users.h"

struct mysql_users {
	struct user_table_port port; /* first: ports are cast to this */
	struct pool *pool;
	atomic_flag logged_active; /* an unreadable value was logged */
};

static struct pool *
pool_of(struct user_table_port *port)
{
	return ((struct mysql_users *)port)->pool;
}

/* A row without an id is an error of the SQL. */
static enum result
user_of_row(
    const struct pool_row *row, enum pool_statement which, struct user *user)
{
	*user = (struct user){
		.id = row->columns[POOL_ID],
		.login = row->columns[POOL_LOGIN],
		.name = row->columns[POOL_NAME],
		.email = row->columns[POOL_EMAIL],
		.image = row->columns[POOL_IMAGE],
		.hash = row->columns[POOL_HASH],
		.totp = row->columns[POOL_TOTP],
		.recovery = STR_NONE,
	};
	if (user->id.len > 0)
		return RESULT_OK;
	log_event(LOG_ERROR, "mysql row without id",
	    log_text("statement",
		which == POOL_USER_BY_ID ? "user_by_id" : "user_by_login"),
	    LOG_END);
	return RESULT_FAULT;
}

/*
 * MISS without asking SQL for keys that no row has: the server may reject
 * invalid UTF-8, and newer collations ignore NUL.
 */
static enum result
select_user(struct user_table_port *port, struct call *call,
    enum pool_statement which, struct str key, struct user *user)
{
	struct pool_row row;
	enum result result;

	if (!str_is_utf8(key) || str_has_char(key, '\0'))
		return RESULT_MISS;
	result = pool_select(pool_of(port), call, which, &key, &row);
	if (result == RESULT_OK)
		result = user_of_row(&row, which, user);
	if (result == RESULT_OK && port->has_set_recovery)
		user->recovery = row.columns[POOL_CODES];
	return result;
}

static enum result
mysql_users_by_login(struct user_table_port *port, struct call *call,
    struct str login, struct user *user)
{
	return select_user(port, call, POOL_USER_BY_LOGIN, login, user);
}

/*
 * SQL's = does not mean identity: 42x equals 42 in a numeric column, most
 * collations ignore case and accents, and trailing blanks do not count.  Only a
 * row with exactly the requested id counts.
 */
static bool
is_row_of(const struct pool_row *row, struct str id)
{
	return str_eq(row->columns[POOL_ID], id);
}

static enum result
mysql_users_by_id(struct user_table_port *port, struct call *call,
    struct str id, struct user *user)
{
	struct user found;
	enum result result =
	    select_user(port, call, POOL_USER_BY_ID, id, &found);

	if (result == RESULT_OK && !str_eq(found.id, id))
		return RESULT_MISS;
	if (result == RESULT_OK)
		*user = found;
	return result;
}

static bool
read_active(struct user_table_port *port, struct str value)
{
	struct mysql_users *users = (struct mysql_users *)port;
	enum active active = active_read(value);

	if (active == ACTIVE_UNREADABLE &&
	    !atomic_flag_test_and_set(&users->logged_active))
		log_event(LOG_ERROR, "mysql active unreadable",
		    log_text("statement", "user_state"),
		    log_text("reason",
			"active is no number: such users are not let in"),
		    LOG_END);
	return active == ACTIVE_YES;
}

/* If either statement finds no row the user does not exist: MISS. */
static enum result
read_state(struct user_table_port *port, struct call *call, struct str id,
    struct user_state *state)
{
	struct pool_row row;
	enum result result;

	if (!pool_has(pool_of(port), POOL_USER_STATE))
		return RESULT_OK;
	result = pool_select(pool_of(port), call, POOL_USER_STATE, &id, &row);
	if (result != RESULT_OK)
		return result;
	if (!str_is_none(row.columns[POOL_ID]) && !is_row_of(&row, id))
		return RESULT_MISS;
	state->is_active = read_active(port, row.columns[POOL_ACTIVE]);
	state->login = row.columns[POOL_LOGIN];
	state->roles = row.columns[POOL_ROLES];
	state->hash = row.columns[POOL_HASH];
	return RESULT_OK;
}

static enum result
mysql_users_state(struct user_table_port *port, struct call *call,
    struct str id, struct user_state *state)
{
	struct user user;
	enum result result = mysql_users_by_id(port, call, id, &user);

	*state = (struct user_state){ .is_active = false };
	if (result == RESULT_OK) {
		state->is_active = true;
		state->login = user.login;
		state->email = user.email;
		state->name = user.name;
		result = read_state(port, call, id, state);
	}
	if (result != RESULT_MISS)
		return result;
	state->is_active = false;
	return RESULT_OK;
}

static struct str
given(const struct user_changes *changes, enum user_column column)
{
	return changes->is_given[column] ? STR("1") : STR("0");
}

/*
 * Looks for the row first, because SQL might match an id with another user's
 * row.  MISS: no row has exactly this id.
 */
static enum result
change_own_row(struct user_table_port *port, struct call *call,
    enum pool_statement which, const struct str *params, int64_t *affected)
{
	struct user user;
	enum result result = mysql_users_by_id(port, call, params[0], &user);

	*affected = 0;
	if (result != RESULT_OK)
		return result;
	return pool_change(pool_of(port), call, which, params, affected);
}

/* If the row is gone there is nothing to change: OK. */
static enum result
mysql_users_update(struct user_table_port *port, struct call *call,
    struct str id, const struct user_changes *changes)
{
	const struct str params[POOL_UPDATE_PARAMS] = {
		[POOL_UPDATE_ID] = id,
		[POOL_UPDATE_NAME] = changes->values[USER_NAME],
		[POOL_UPDATE_NAME_GIVEN] = given(changes, USER_NAME),
		[POOL_UPDATE_IMAGE] = changes->values[USER_IMAGE],
		[POOL_UPDATE_IMAGE_GIVEN] = given(changes, USER_IMAGE),
	};
	int64_t affected;
	enum result result =
	    change_own_row(port, call, POOL_USER_UPDATE, params, &affected);

	if (result == RESULT_MISS)
		return RESULT_OK;
	if (result == RESULT_REFUSED) /* the database user may only read */
		return RESULT_MYSQL_DOWN;
	return result;
}

/*
 * Changes exactly one row.  FAULT: more rows, of other users, have changed;
 * many is the message of that log line.  MISS: no row.  REFUSED: the statement
 * is not configured, or the database user lacks the privilege.
 */
static enum result
change_one_row(struct user_table_port *port, struct call *call,
    enum pool_statement which, const struct str *params, const char *many)
{
	int64_t affected = 0;
	enum result result = RESULT_REFUSED;

	if (pool_has(pool_of(port), which))
		result = change_own_row(port, call, which, params, &affected);
	if (result == RESULT_OK && affected == 0)
		return RESULT_MISS;
	if (result == RESULT_OK && affected > 1) {
		log_event(LOG_ERROR, many, log_num("rows", affected),
		    log_str("id", params[0]), LOG_END);
		return RESULT_FAULT;
	}
	return result;
}

static enum result
mysql_users_set_hash(struct user_table_port *port, struct call *call,
    struct str id, struct str old, struct str hash)
{
	const struct str params[] = { id, hash, old };

	return change_one_row(port, call, POOL_PASSWORD_UPDATE, params,
	    "mysql password_update changed many rows");
}

static enum result
mysql_users_set_totp(struct user_table_port *port, struct call *call,
    struct str id, struct str totp, struct str codes)
{
	const struct str params[] = { id, totp, codes };

	return change_one_row(port, call, POOL_TOTP_UPDATE, params,
	    "mysql totp_update changed many rows");
}

/* A NULL in the column is passed as '': both mean that there are no codes. */
static enum result
mysql_users_set_recovery(struct user_table_port *port, struct call *call,
    struct str id, struct str old, struct str codes)
{
	const struct str params[] = { id, codes,
		str_is_none(old) ? STR("") : old };

	return change_one_row(port, call, POOL_CODES_UPDATE, params,
	    "mysql totp_codes_update changed many rows");
}

static bool
mysql_users_has_totp(struct user_table_port *port)
{
	return pool_has_totp(pool_of(port));
}

static unsigned int
editable_columns(const struct pool *pool)
{
	unsigned int columns = 0;

	if (pool_uses(pool, POOL_USER_UPDATE, POOL_UPDATE_NAME))
		columns |= 1u << USER_NAME;
	if (pool_uses(pool, POOL_USER_UPDATE, POOL_UPDATE_IMAGE))
		columns |= 1u << USER_IMAGE;
	return columns;
}

/* Runs the statement of logins, with a login that nobody has. */
static enum result
mysql_users_ping(
    struct user_table_port *port, struct call *call, struct str *why)
{
	const struct str params[] = { STR_INIT("-sessgate-readyz-") };

	return pool_probe(pool_of(port), call, POOL_USER_BY_LOGIN, params, why);
}

struct user_table_port *
mysql_users_open(struct pool *pool)
{
	struct mysql_users *users = calloc(1, sizeof(*users));

	if (users == NULL)
		return NULL;
	users->pool = pool;
	atomic_flag_clear(&users->logged_active);
	users->port = (struct user_table_port){
		.editable = editable_columns(pool),
		.has_set_hash = pool_has(pool, POOL_PASSWORD_UPDATE),
		.has_set_totp = pool_has(pool, POOL_TOTP_UPDATE),
		.has_set_recovery = pool_has(pool, POOL_CODES_UPDATE),
		.has_totp = mysql_users_has_totp,
		.by_login = mysql_users_by_login,
		.by_id = mysql_users_by_id,
		.state = mysql_users_state,
		.update = mysql_users_update,
		.set_hash = mysql_users_set_hash,
		.set_totp = mysql_users_set_totp,
		.set_recovery = mysql_users_set_recovery,
		.ping = mysql_users_ping,
	};
	return &users->port;
}

void
mysql_users_close(struct user_table_port *port)
{
	free(port);
}
