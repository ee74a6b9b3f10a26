/* Users out of MySQL: what a row means.  The pool knows how to get it. */
#include "config.h"

#include <stdlib.h>

#include "base/log.h"
#include "mysql/users.h"

struct mysql_users {
	struct user_port port; /* first: a port is one of these */
	struct pool *pool;
};

static struct pool *
pool_of(struct user_port *port)
{
	return ((struct mysql_users *)port)->pool;
}

/* A row without an id would be somebody that nobody can name. */
static enum result
read_user(const struct pool_row *row, struct user *user)
{
	*user = (struct user){
		.id = row->columns[POOL_ID],
		.login = row->columns[POOL_LOGIN],
		.name = row->columns[POOL_NAME],
		.email = row->columns[POOL_EMAIL],
		.image = row->columns[POOL_IMAGE],
		.hash = row->columns[POOL_HASH],
	};
	if (user->id.len > 0)
		return RESULT_OK;
	log_event(LOG_ERROR, "mysql row without id", LOG_END);
	return RESULT_FAULT;
}

/* What is no UTF-8 the server may answer with an error: nobody has it. */
static enum result
select_user(struct user_port *port, struct call *call,
    enum pool_statement which, struct str key, struct user *user)
{
	struct pool_row row;
	enum result result;

	if (!str_is_utf8(key))
		return RESULT_MISS;
	result = pool_select(pool_of(port), call, which, &key, &row);
	if (result == RESULT_OK)
		result = read_user(&row, user);
	return result;
}

static enum result
users_mysql_by_login(struct user_port *port, struct call *call,
    struct str login, struct user *user)
{
	return select_user(port, call, POOL_USER_BY_LOGIN, login, user);
}

static enum result
users_mysql_by_id(
    struct user_port *port, struct call *call, struct str id, struct user *user)
{
	return select_user(port, call, POOL_USER_BY_ID, id, user);
}

static enum result
users_mysql_ping(struct user_port *port, struct call *call)
{
	return pool_ping(pool_of(port), call);
}

struct user_port *
mysql_users_open(struct pool *pool)
{
	struct mysql_users *users = calloc(1, sizeof(*users));

	if (users == NULL)
		return NULL;
	users->pool = pool;
	users->port = (struct user_port){
		.by_login = users_mysql_by_login,
		.by_id = users_mysql_by_id,
		.ping = users_mysql_ping,
	};
	return &users->port;
}

void
mysql_users_close(struct user_port *port)
{
	free(port);
}
