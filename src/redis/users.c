/* The cache of user rows in Redis, in front of the table. */
#include "config.h"

#include <stdlib.h>

#include "redis/keys.h"
#include "redis/users.h"
#include "store/rows.h"

struct redis_users {
	struct user_port port; /* first: a port is its store */
	struct link *link;
	struct user_port *table;
	struct str prefix;
};

static struct redis_users *
users_of(struct user_port *port)
{
	return (struct redis_users *)port;
}

/* A write to a cache that fails never fails a read. */
static void
keep_row(struct redis_users *users, struct call *call, struct str key,
    const struct user *user)
{
	struct buf text = buf_open(call->arena, ROWS_TEXT_MAX);
	struct resp_value value;

	rows_user_encode(&text, user);
	if (text.is_full)
		return;
	link_add(users->link, STR("SET"), key, buf_str(&text), STR("EX"),
	    STR("300"));
	(void)!link_exchange(users->link, call, &value);
}

static enum result
users_find(
    struct user_port *port, struct call *call, struct str id, struct user *user)
{
	struct redis_users *users = users_of(port);
	struct str key = keys_user(call->arena, users->prefix, id);
	struct resp_value value;
	enum result result;

	link_add(users->link, STR("GET"), key);
	result = link_exchange(users->link, call, &value);
	if (result != RESULT_OK)
		return result;
	if (value.type == RESP_TEXT &&
	    rows_user_decode(call->arena, value.text, id, user)) {
		user->was_cached = true;
		return RESULT_OK;
	}
	result = users->table->by_id(users->table, call, id, user);
	if (result == RESULT_OK) {
		user->was_cached = false;
		keep_row(users, call, key, user);
	}
	return result;
}

static enum result
users_log_in(struct user_port *port, struct call *call, struct str login,
    struct user *user)
{
	struct user_port *table = users_of(port)->table;

	return table->by_login(table, call, login, user);
}

static enum result
users_answer(struct user_port *port, struct call *call)
{
	struct user_port *table = users_of(port)->table;

	return table->ping(table, call);
}

struct user_port *
redis_users_open(
    struct link *link, const struct conf *conf, struct user_port *table)
{
	struct redis_users *users = calloc(1, sizeof(*users));

	if (users == NULL)
		return NULL;
	users->port = (struct user_port){ .by_login = users_log_in,
		.by_id = users_find,
		.ping = users_answer };
	users->link = link;
	users->table = table;
	users->prefix = str_from(conf->redis_key_prefix);
	return &users->port;
}

void
redis_users_close(struct user_port *port)
{
	free(port);
}
