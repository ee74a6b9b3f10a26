/*
 * The cache of user rows in Redis, in front of the users table.
 *
 * A row is filled under a lease in its own key.  Every SET and DEL of the key
 * breaks the lease, so a read that began before a change cannot put the old row
 * back, whichever program made the change.  A request that finds a lease is
 * requeued for a while, then reads the table and stores nothing.  A change of
 * the password needs no lease, since rows are cached without it.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "store/keys.h"
#include "redis/lease.h"
#include "redis/users.h"
#include "store/rows.h"

enum {
	ROW_LIFE_MS = 300000,
	UNKNOWN_LIFE_MS = 15000, /* negative cache: null, an unknown id */
	FILL_LEASE_MS = 2000,
	CHANGE_LEASE_MS = 10000
};

struct redis_users {
	struct user_port port; /* first, so that the port converts to this */
	struct link *link;
	struct user_table_port *table;
	struct str prefix;
};

/* One lookup of one user. */
struct row_lookup {
	struct redis_users *users;
	struct call *call;
	struct str id, key;
};

static struct row_lookup
row_lookup_of(struct user_port *port, struct call *call, struct str id)
{
	struct redis_users *users = (struct redis_users *)port;

	return (struct row_lookup){ .users = users,
		.call = call,
		.id = id,
		.key = keys_user(call->arena, users->prefix, id) };
}

enum cached { CACHED_ROW, CACHED_UNKNOWN, CACHED_LEASE, CACHED_NOTHING };

/* Classifies a cached value; an unreadable one counts as nothing. */
static enum cached
read_cached(
    const struct row_lookup *lookup, struct str value, struct user *user)
{
	if (str_is_none(value))
		return CACHED_NOTHING;
	if (rows_user_decode(lookup->call->arena, value, lookup->id, user)) {
		user->was_cached = true;
		return CACHED_ROW;
	}
	if (str_eq(value, STR("null")))
		return CACHED_UNKNOWN;
	return lease_is(value) ? CACHED_LEASE : CACHED_NOTHING;
}

static enum result
read_table(const struct row_lookup *lookup, struct user *user)
{
	struct user_table_port *table = lookup->users->table;

	return table->by_id(table, lookup->call, lookup->id, user);
}

/* Stores the table's answer in place of our lease. */
static enum result
keep_row(const struct row_lookup *lookup, const struct lease *lease,
    enum result answer, const struct user *user)
{
	struct link *link = lookup->users->link;
	struct buf text = buf_open(lookup->call->arena, ROWS_TEXT_MAX);

	if (answer == RESULT_MISS)
		return lease_replace(
		    link, lookup->call, lease, STR("null"), UNKNOWN_LIFE_MS);
	if (answer == RESULT_OK)
		rows_user_encode(&text, user);
	if (answer != RESULT_OK || text.is_full)
		return lease_release(link, lookup->call, lease);
	return lease_replace(
	    link, lookup->call, lease, buf_str(&text), ROW_LIFE_MS);
}

/*
 * Reads the table and stores the row; a failure to store never fails the read.
 */
static enum result
fill(const struct row_lookup *lookup, const struct lease *lease,
    struct user *user)
{
	enum result result = read_table(lookup, user);

	(void)!keep_row(lookup, lease, result, user);
	return result;
}

/*
 * Another request fills or changes the row: wait for it by being requeued, so
 * that this worker serves others, and read the table after that.
 */
static enum result
read_beside_lease(const struct row_lookup *lookup, struct user *user)
{
	struct call *call = lookup->call;

	if (clock_ms() < call->lease_wait_until_ms &&
	    place_ask_again(call->claims))
		return RESULT_FULL;
	return read_table(lookup, user);
}

/* True if the cached value decides *result. */
static bool
settle_row(const struct row_lookup *lookup, struct str value, struct user *user,
    enum result *result)
{
	switch (read_cached(lookup, value, user)) {
	case CACHED_ROW:
		*result = RESULT_OK;
		return true;
	case CACHED_UNKNOWN:
		user->was_cached = true;
		*result = RESULT_MISS;
		return true;
	case CACHED_LEASE:
		*result = read_beside_lease(lookup, user);
		return true;
	case CACHED_NOTHING:
		break;
	}
	return false;
}

/* Takes the place for SQL before the lease, which is the first side effect. */
static enum result
read_through(const struct row_lookup *lookup, struct user *user)
{
	struct call *call = lookup->call;
	struct lease lease;
	struct str found;
	enum result result;

	if (!place_take(call->claims, PLACE_SQL))
		return RESULT_FULL;
	result = lease_take(lookup->users->link, call, lookup->key,
	    FILL_LEASE_MS, &lease, &found);
	if (result == RESULT_OK)
		return fill(lookup, &lease, user);
	if (result != RESULT_MISS) /* Redis failed, but SQL may work */
		return read_table(lookup, user);
	if (settle_row(lookup, found, user, &result))
		return result;
	return read_table(lookup, user);
}

/*
 * Reads the cached value.  MISS: the key has another type, so another program
 * made it.
 */
static enum result
ask_row(const struct row_lookup *lookup, struct read_ahead *row)
{
	struct link *link = lookup->users->link;
	struct resp_value values[2];
	enum result result;

	link_add(link, STR("GET"), lookup->key);
	link_add(link, STR("PTTL"), lookup->key);
	result = link_exchange(link, lookup->call, values);
	if (result != RESULT_OK)
		return result;
	row->value = values[0].text;
	row->ttl_ms = values[1].number;
	return values[0].type == RESP_ERROR ? RESULT_MISS : RESULT_OK;
}

/*
 * Takes the row that the script read ahead.  It is used once: a second call in
 * the request gets newer data.
 */
static bool
take_ahead(const struct row_lookup *lookup, struct read_ahead *row)
{
	if (!str_eq(lookup->call->ahead.key, lookup->key))
		return false;
	*row = lookup->call->ahead;
	lookup->call->ahead.key = STR_NONE;
	return true;
}

static enum result
redis_users_by_id(
    struct user_port *port, struct call *call, struct str id, struct user *user)
{
	struct row_lookup lookup = row_lookup_of(port, call, id);
	struct read_ahead row;
	enum result result = RESULT_OK;

	*user = (struct user){ .id = STR_NONE };
	if (!take_ahead(&lookup, &row))
		result = ask_row(&lookup, &row);
	if (result == RESULT_MISS)
		return read_table(&lookup, user);
	if (result != RESULT_OK)
		return result;
	if (settle_row(&lookup, row.value, user, &result)) {
		user->ttl_ms = row.ttl_ms;
		return result;
	}
	return read_through(&lookup, user);
}

static enum result
delete_key(const struct row_lookup *lookup)
{
	struct resp_value value;

	link_add(lookup->users->link, STR("DEL"), lookup->key);
	return link_exchange(lookup->users->link, lookup->call, &value);
}

/*
 * Takes the lease again after an UPDATE that may have happened or may still
 * happen.  Another change of the row may have removed our lease meanwhile, and
 * let an old row be cached.
 */
static void
bar_again(const struct row_lookup *lookup)
{
	struct call *call = lookup->call;
	struct lease lease;

	(void)!lease_seize(
	    lookup->users->link, call, lookup->key, CHANGE_LEASE_MS, &lease);
}

/*
 * The lease breaks every fill that began before; if it cannot be taken, nothing
 * is written.  If it cannot be released, or if it is unknown whether the table
 * was changed, it expires by itself.
 */
static enum result
redis_users_update(struct user_port *port, struct call *call, struct str id,
    const struct user_changes *changes)
{
	struct row_lookup lookup = row_lookup_of(port, call, id);
	struct user_table_port *table = lookup.users->table;
	struct lease lease;
	enum result result, deleted;

	if (!place_take(call->claims, PLACE_SQL))
		return RESULT_FULL;
	result = lease_seize(
	    lookup.users->link, call, lookup.key, CHANGE_LEASE_MS, &lease);
	if (result != RESULT_OK)
		return result;
	result = table->update(table, call, id, changes);
	if (result == RESULT_MYSQL_DOWN) {
		bar_again(&lookup);
		return result;
	}
	deleted = delete_key(&lookup);
	if (result == RESULT_OK) /* a requeue would repeat the UPDATE */
		call->lease_wait_until_ms = 0;
	return result == RESULT_OK ? deleted : result;
}

struct user_port *
redis_users_open(
    struct link *link, const struct conf *conf, struct user_table_port *table)
{
	struct redis_users *users = calloc(1, sizeof(*users));

	if (users == NULL || !lease_init()) {
		free(users);
		return NULL;
	}
	users->port = (struct user_port){
		.by_id = redis_users_by_id,
		.update = redis_users_update,
	};
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
