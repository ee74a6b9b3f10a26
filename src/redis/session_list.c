/* The lists of users' sessions in Redis. */
#include "config.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/counters.h"
#include "store/keys.h"
#include "redis/session_list.h"
#include "secret/token.h"

enum {
	TOUCH_PAUSE_MS = 1000, /* after a failed touch */
	NAMES_MAX = 512,       /* read per round */
	RECORDS_MAX = 8,       /* read at once if each has up to 64 KiB */
	ROUNDS_MAX = 64
};

/*
 * The last command removes entries that were not seen for the longest life of a
 * session: these sessions have expired.
 */
void
session_list_add(struct session_store *store, struct arena *arena,
    struct str user_id, struct str name, int64_t now_ms)
{
	struct str key = keys_list(arena, store->prefix, user_id);
	int64_t over_ms = now_ms - session_store_longest_ms(store);

	link_add(
	    store->link, STR("ZADD"), key, buf_int_str(arena, now_ms), name);
	link_add(
	    store->link, STR("EXPIRE"), key, session_store_ttl_s(store, arena));
	link_add(store->link, STR("ZREMRANGEBYSCORE"), key, STR("-inf"),
	    buf_int_str(arena, over_ms));
}

void
session_list_remove(struct session_store *store, struct arena *arena,
    struct str user_id, struct str name)
{
	link_add(store->link, STR("ZREM"),
	    keys_list(arena, store->prefix, user_id), name);
}

int64_t
session_list_read_seen(const struct resp_value *value)
{
	int64_t seen_ms = -1;

	if (value->type == RESP_TEXT)
		(void)str_to_int(value->text, 0, INT64_MAX, &seen_ms);
	return seen_ms;
}

/*
 * PEXPIRE never creates a key, so an ended session stays ended.  Its name in
 * the list has no effect.
 */
enum result
redis_sessions_touch(struct session_port *port, struct call *call,
    const struct session_facts *facts, int64_t ttl_ms)
{
	struct session_store *store = session_store_of(port);
	struct resp_value values[1 + SESSION_LIST_ADDS];
	enum result result;

	if (clock_ms() < store->touch_after_ms)
		return RESULT_OK;
	if (ttl_ms > 0)
		link_add(store->link, STR("PEXPIRE"),
		    keys_session(call->arena, store->prefix, facts->name),
		    buf_int_str(call->arena, ttl_ms), STR("GT"));
	session_list_add(store, call->arena, facts->session.user_id,
	    facts->name, facts->now_ms);
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		store->touch_after_ms = clock_ms() + TOUCH_PAUSE_MS;
	return result;
}

/* Names in a list, the last seen first. */
struct names {
	struct str *names;
	int64_t *seen_ms; /* of each */
	size_t count;
};

static bool
read_names(
    struct arena *arena, const struct resp_value *value, struct names *names)
{
	names->count = 0;
	if (value->type == RESP_ERROR) /* a key of another type: no list */
		return true;
	if (value->type != RESP_LIST || value->count % 2 != 0)
		return false;
	names->names =
	    arena_alloc(arena, (value->count + 1) * sizeof(struct str));
	names->seen_ms =
	    arena_alloc(arena, (value->count + 1) * sizeof(int64_t));
	for (size_t i = 0; i < value->count; i += 2) {
		struct str name = value->items[i].text;

		if (!token_is_wellformed(name))
			continue;
		names->names[names->count] = name;
		names->seen_ms[names->count++] =
		    session_list_read_seen(&value->items[i + 1]);
	}
	return true;
}

/* Reads at most max names, the last seen first, from number offset on. */
static enum result
get_names(struct session_store *store, struct call *call, struct str user_id,
    int64_t offset, int64_t max, struct names *names)
{
	struct resp_value value;
	enum result result;

	link_add(store->link, STR("ZRANGE"),
	    keys_list(call->arena, store->prefix, user_id),
	    buf_int_str(call->arena, offset),
	    buf_int_str(call->arena, offset + max - 1), STR("REV"),
	    STR("WITHSCORES"));
	result = link_exchange(store->link, call, &value);
	if (result == RESULT_OK && !read_names(call->arena, &value, names))
		return link_odd_reply();
	return result;
}

/*
 * Deletes these sessions and removes them from the list.  Adds the number that
 * existed to *ended.
 */
static enum result
end_names(struct session_store *store, struct call *call, struct str user_id,
    const struct names *names, int64_t *ended)
{
	struct resp_value *values =
	    arena_alloc(call->arena, (2 * names->count + 1) * sizeof(*values));
	enum result result;

	if (names->count == 0)
		return RESULT_OK;
	for (size_t i = 0; i < names->count; i++) {
		struct str name = names->names[i];
		const struct end end = { .key = keys_session(call->arena,
					     store->prefix, name) };

		link_note_end(store->link, &end);
		link_add(store->link, STR("DEL"), end.key);
		session_list_remove(store, call->arena, user_id, name);
	}
	result = link_exchange(store->link, call, values);
	for (size_t i = 0; i < names->count; i++) {
		if (result == RESULT_OK && values[2 * i].number == 1)
			++*ended;
		if (store->port.on_ended != NULL)
			store->port.on_ended(
			    store->port.on_ended_arg, call, names->names[i]);
	}
	return result;
}

/* Names and their records, read in one exchange. */
struct page {
	const struct names *names;
	size_t from, count;
	struct resp_value *values; /* GET and PTTL of each */
};

/* Reads the records of at most max names, beginning with number from. */
static enum result
get_page(struct session_store *store, struct call *call,
    const struct names *names, size_t from, size_t max, struct page *page)
{
	page->names = names;
	page->from = from;
	page->count = names->count - from;
	if (page->count > max)
		page->count = max;
	page->values =
	    arena_alloc(call->arena, 2 * page->count * sizeof(page->values[0]));
	for (size_t i = 0; i < page->count; i++) {
		struct str key = keys_session(
		    call->arena, store->prefix, names->names[from + i]);

		link_add(store->link, STR("GET"), key);
		link_add(store->link, STR("PTTL"), key);
	}
	return link_exchange(store->link, call, page->values);
}

/*
 * Decodes record i of a page.  False: there is no readable record, or its name
 * is not the right kind of key for [session] key: in plain mode a record with
 * "v", in sha256 mode one without.
 */
static bool
read_listed(const struct session_store *store, struct arena *arena,
    const struct page *page, size_t i, struct session_facts *facts)
{
	enum conf_session_key mode = store->conf->session_key;

	*facts = (struct session_facts){
		.name = page->names->names[page->from + i],
		.ttl_ms = page->values[2 * i + 1].number,
		.seen_ms = page->names->seen_ms[page->from + i],
	};
	return session_store_read_record(store, arena, &page->values[2 * i],
		   facts, &facts->is_hashed) &&
	       mode != (facts->is_hashed ? CONF_KEY_PLAIN : CONF_KEY_SHA256);
}

/*
 * Decodes the records of a page, at most max, into facts.  Returns the number
 * of those that read_listed accepts; the others are left out.
 */
static size_t
read_page(const struct session_store *store, struct arena *arena,
    const struct page *page, struct session_facts *facts, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < page->count && count < max; i++)
		count += read_listed(store, arena, page, i, &facts[count]);
	return count;
}

enum result
redis_sessions_read(struct session_port *port, struct call *call,
    const struct str *given, size_t count, struct session_facts *facts,
    size_t *found)
{
	struct session_store *store = session_store_of(port);
	struct names names = { .names = arena_alloc(
				   call->arena, count * sizeof(struct str)) };
	enum result result = RESULT_OK;

	*found = 0;
	names.seen_ms = arena_alloc(call->arena, count * sizeof(int64_t));
	for (size_t i = 0; i < count; i++) {
		if (!token_is_wellformed(given[i]))
			continue;
		names.seen_ms[names.count] = -1;
		names.names[names.count++] = given[i];
	}
	for (size_t from = 0; result == RESULT_OK && from < names.count;
	     from += RECORDS_MAX) {
		struct page page;

		result =
		    get_page(store, call, &names, from, RECORDS_MAX, &page);
		if (result == RESULT_OK)
			*found += read_page(store, call->arena, &page,
			    &facts[*found], page.count);
	}
	return result;
}

enum result
redis_sessions_delete(struct session_port *port, struct call *call,
    const struct session_facts *facts, size_t count, int64_t *ended)
{
	struct session_store *store = session_store_of(port);
	struct resp_value *values =
	    arena_alloc(call->arena, (2 * count + 1) * sizeof(values[0]));
	enum result result;

	if (count == 0)
		return RESULT_OK;
	for (size_t i = 0; i < count; i++) {
		link_add(store->link, STR("DEL"),
		    keys_session(call->arena, store->prefix, facts[i].name));
		session_list_remove(store, call->arena,
		    facts[i].session.user_id, facts[i].name);
	}
	result = link_exchange(store->link, call, values);
	for (size_t i = 0; result == RESULT_OK && i < count; i++)
		*ended += values[2 * i].number;
	return result;
}

/*
 * Removes expired sessions of a page from the list.  A failure is ignored: the
 * next reader skips and removes them.
 */
static void
tidy(struct session_store *store, struct call *call, struct str user_id,
    const struct page *page)
{
	struct resp_value *values =
	    arena_alloc(call->arena, page->count * sizeof(values[0]));
	bool is_tidy = true;

	for (size_t i = 0; i < page->count; i++) {
		if (page->values[2 * i].type != RESP_NIL)
			continue;
		session_list_remove(store, call->arena, user_id,
		    page->names->names[page->from + i]);
		is_tidy = false;
	}
	if (is_tidy)
		return;
	(void)!link_exchange(store->link, call, values);
}

/*
 * True if a value was skipped: it is too long itself, or the values before it
 * have taken all the space of an exchange (RESP_SPACE).
 */
static bool
is_cut(const struct page *page)
{
	for (size_t i = 0; i < page->count; i++)
		if (page->values[2 * i].type == RESP_ERROR)
			return true;
	return false;
}

/*
 * Reads *max records in one exchange: they usually have some hundred bytes.  If
 * other programs have made them so large that some were skipped, lowers *max
 * for this page and all later ones.
 */
static enum result
get_large_page(struct session_store *store, struct call *call,
    const struct names *names, size_t from, size_t *max, struct page *page)
{
	enum result result = get_page(store, call, names, from, *max, page);

	if (result != RESULT_OK || *max == RECORDS_MAX || !is_cut(page))
		return result;
	*max = RECORDS_MAX;
	return get_page(store, call, names, from, *max, page);
}

enum result
redis_sessions_list(struct session_port *port, struct call *call,
    struct str user_id, struct session_list *list)
{
	struct session_store *store = session_store_of(port);
	struct page page = { .count = 0 };
	size_t max = SESSIONS_LISTED_MAX;
	struct names names;
	enum result result =
	    get_names(store, call, user_id, 0, 2 * SESSIONS_LISTED_MAX, &names);

	list->count = 0;
	list->items = arena_alloc(
	    call->arena, SESSIONS_LISTED_MAX * sizeof(list->items[0]));
	for (size_t from = 0; result == RESULT_OK && from < names.count &&
			      list->count < SESSIONS_LISTED_MAX;
	     from += page.count) {
		result = get_large_page(store, call, &names, from, &max, &page);
		if (result != RESULT_OK)
			return result;
		list->count += read_page(store, call->arena, &page,
		    &list->items[list->count],
		    SESSIONS_LISTED_MAX - list->count);
		tidy(store, call, user_id, &page);
	}
	return result;
}

/*
 * Ends one session.  A name in the list does not prove that it is the user's:
 * the record has to say so.  MISS: it does not, or the session has ended.
 */
static enum result
end_one(struct session_store *store, struct call *call, struct str user_id,
    struct str name)
{
	int64_t seen_ms = -1, ended = 0;
	const struct names names = { &name, &seen_ms, 1 };
	struct session_facts facts;
	struct page page;
	enum result result = get_page(store, call, &names, 0, 1, &page);

	if (result != RESULT_OK)
		return result;
	if (!read_listed(store, call->arena, &page, 0, &facts) ||
	    !str_eq(facts.session.user_id, user_id)) {
		tidy(store, call, user_id, &page);
		return RESULT_MISS;
	}
	result = end_names(store, call, user_id, &names, &ended);
	return result == RESULT_OK && ended == 0 ? RESULT_MISS : result;
}

/* Finds the name that has this public handle; STR_NONE: there is none. */
static struct str
find_handle(struct arena *arena, const struct names *names, struct str handle)
{
	for (size_t i = 0; i < names->count; i++)
		if (str_eq(token_handle(arena, names->names[i]), handle))
			return names->names[i];
	return STR_NONE;
}

enum result
redis_sessions_end_named(struct session_port *port, struct call *call,
    struct str user_id, struct str handle)
{
	struct session_store *store = session_store_of(port);

	for (int round = 0; round < ROUNDS_MAX; round++) {
		struct names names;
		struct str name;
		enum result result = get_names(store, call, user_id,
		    (int64_t)round * NAMES_MAX, NAMES_MAX, &names);

		if (result != RESULT_OK)
			return result;
		name = find_handle(call->arena, &names, handle);
		if (!str_is_none(name))
			return end_one(store, call, user_id, name);
		if (names.count == 0)
			break;
	}
	return RESULT_MISS;
}

static void
leave_out(struct names *names, struct str name)
{
	size_t kept = 0;

	for (size_t i = 0; i < names->count; i++)
		if (!str_eq(names->names[i], name))
			names->names[kept++] = names->names[i];
	names->count = kept;
}

/* Each round removes the names that it read, so the next one reads others. */
enum result
redis_sessions_end_listed(struct session_port *port, struct call *call,
    struct str user_id, struct str keep, int64_t *count)
{
	struct session_store *store = session_store_of(port);
	enum result result = RESULT_OK;

	*count = 0;
	for (int round = 0; result == RESULT_OK && round < ROUNDS_MAX;
	     round++) {
		struct names names;

		result = get_names(store, call, user_id, 0, NAMES_MAX, &names);
		if (result != RESULT_OK)
			return result;
		leave_out(&names, keep);
		if (names.count == 0)
			break;
		result = end_names(store, call, user_id, &names, count);
	}
	return result;
}

/*
 * Reduces names to those to be ended: expired ones, which do not count towards
 * max, and the least recently seen ones beyond max.
 */
static void
choose_ended(struct names *names, const struct resp_value *ttls, int64_t max)
{
	const int64_t no_such_key = -2;
	int64_t alive = 0;
	size_t chosen = 0;

	for (size_t i = 0; i < names->count; i++)
		if (ttls[i].number == no_such_key || ++alive > max)
			names->names[chosen++] = names->names[i];
	names->count = chosen;
}

enum result
session_list_cap(
    struct session_store *store, struct call *call, struct str user_id)
{
	int64_t max = store->conf->session_max, ended = 0;
	struct resp_value *ttls;
	struct names names;
	enum result result =
	    get_names(store, call, user_id, 0, max + NAMES_MAX, &names);

	if (result != RESULT_OK || names.count <= (size_t)max)
		return result;
	ttls = arena_alloc(call->arena, names.count * sizeof(ttls[0]));
	for (size_t i = 0; i < names.count; i++)
		link_add(store->link, STR("PTTL"),
		    keys_session(call->arena, store->prefix, names.names[i]));
	result = link_exchange(store->link, call, ttls);
	if (result != RESULT_OK)
		return result;
	choose_ended(&names, ttls, max);
	result = end_names(store, call, user_id, &names, &ended);
	counter_add_site(COUNTER_ENDED + ENDED_CAP, (uint64_t)ended);
	return result;
}
