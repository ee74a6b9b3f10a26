/*
 * Sessions and generations in Redis.
 *
 * A session lies under a hash of its token (sha256), under the token itself
 * (plain, the origin's layout), or under either (migrate).  A record found
 * under a plain key that is marked as a hashed one is no session, else a hash
 * seen in a dump would be a token.
 */
#include "config.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "redis/keys.h"
#include "redis/sessions.h"
#include "secret/token.h"
#include "store/id.h"
#include "store/rows.h"

enum { GEN_LEN = 22, FORMS_MAX = 2 };

struct redis_sessions {
	struct session_port port; /* first: a port is its store */
	struct link *link;
	const struct conf *conf;
	struct str prefix;
};

static struct redis_sessions *
sessions_of(struct session_port *port)
{
	return (struct redis_sessions *)port;
}

/* A key where a token's record may lie. */
struct form {
	struct str name, key;
	bool is_hashed;
};

static struct form
form_of(const struct redis_sessions *sessions, struct arena *arena,
    struct str name, bool is_hashed)
{
	return (struct form){ name, keys_session(arena, sessions->prefix, name),
		is_hashed };
}

/* The forms to read, the best first; writing uses the first.  0: a defect. */
static int
forms_of(const struct redis_sessions *sessions, struct arena *arena,
    struct str token, struct form forms[FORMS_MAX])
{
	enum conf_session_key mode = sessions->conf->session_key;
	int count = 0;

	if (mode != CONF_KEY_PLAIN) {
		struct str hash = token_hash(arena, token);

		if (str_is_none(hash))
			return 0;
		forms[count++] = form_of(sessions, arena, hash, true);
	}
	if (mode != CONF_KEY_SHA256)
		forms[count++] = form_of(sessions, arena, token, false);
	return count;
}

/* The reply of TIME: seconds and microseconds. */
static bool
read_time(const struct resp_value *value, int64_t *now_ms)
{
	int64_t seconds, micros;

	if (value->type != RESP_LIST || value->count != 2 ||
	    !str_to_int(value->items[0].text, 0, INT64_MAX / 2000, &seconds) ||
	    !str_to_int(value->items[1].text, 0, 999999, &micros))
		return false;
	*now_ms = seconds * 1000 + micros / 1000;
	return true;
}

/* Redis answers, but not what was asked: a proxy, or a defect. */
static enum result
odd_reply(struct call *call)
{
	call->down_code = "redis_unavailable";
	log_event(LOG_ERROR, "redis refused",
	    log_text("reason", "its reply has an unexpected shape"), LOG_END);
	return RESULT_DOWN;
}

/* A record that cannot be read is no session; it is never overwritten. */
static bool
read_record(const struct redis_sessions *sessions, struct arena *arena,
    const struct form *form, const struct resp_value *value,
    struct session_facts *facts)
{
	enum conf_user_id_type id_type = sessions->conf->user_id_type;
	bool has_version;

	if (value->type == RESP_NIL)
		return false;
	if (value->type != RESP_TEXT ||
	    !rows_session_decode(
		arena, value->text, &facts->session, &has_version) ||
	    !id_is_wellformed(id_type, facts->session.user_id)) {
		log_event(LOG_WARN, "session unreadable",
		    log_str("handle", token_handle(arena, form->key)), LOG_END);
		return false;
	}
	facts->is_hashed = form->is_hashed;
	facts->name = form->name;
	return form->is_hashed || !has_version;
}

/* What cannot be read is as good as nothing: SQL will be asked. */
static void
read_account(struct call *call, struct str text, struct account *account)
{
	*account = (struct account){ .is_known = false };
	if (rows_account_decode(call->arena, text, account))
		account->text = text;
}

/* The user's generation; none, or one that cannot be read, is absent. */
static enum result
read_user(struct redis_sessions *sessions, struct call *call,
    struct session_facts *facts)
{
	struct str id = facts->session.user_id;
	struct resp_value value;
	enum result result;

	facts->generation = (struct generation){ .gen = STR_NONE };
	link_add(sessions->link, STR("MGET"),
	    keys_generation(call->arena, sessions->prefix, id),
	    keys_account(call->arena, sessions->prefix, id));
	result = link_exchange(sessions->link, call, &value);
	if (result != RESULT_OK)
		return result;
	if (value.type != RESP_LIST || value.count != 2)
		return odd_reply(call);
	(void)rows_generation_decode(
	    call->arena, value.items[0].text, &facts->generation);
	read_account(call, value.items[1].text, &facts->account);
	return RESULT_OK;
}

static enum result
sessions_read(struct session_port *port, struct call *call, struct str token,
    struct session_facts *facts)
{
	struct redis_sessions *sessions = sessions_of(port);
	struct resp_value values[2 * FORMS_MAX + 1];
	struct form forms[FORMS_MAX];
	int count = forms_of(sessions, call->arena, token, forms);
	enum result result;

	if (count == 0)
		return RESULT_FAULT;
	for (int i = 0; i < count; i++) {
		link_add(sessions->link, STR("GET"), forms[i].key);
		link_add(sessions->link, STR("PTTL"), forms[i].key);
	}
	link_add(sessions->link, STR("TIME"));
	result = link_exchange(sessions->link, call, values);
	if (result != RESULT_OK)
		return result;
	if (!read_time(&values[2 * count], &facts->now_ms))
		return odd_reply(call);
	for (int i = 0; i < count; i++) {
		if (!read_record(sessions, call->arena, &forms[i],
			&values[2 * i], facts))
			continue;
		facts->ttl_ms = values[2 * i + 1].number;
		return read_user(sessions, call, facts);
	}
	return RESULT_MISS;
}

static enum result
sessions_write(struct session_port *port, struct call *call, struct str token,
    const struct session *session, int64_t ttl_ms)
{
	struct redis_sessions *sessions = sessions_of(port);
	struct buf text = buf_open(call->arena, ROWS_TEXT_MAX);
	struct form forms[FORMS_MAX];
	struct resp_value value;

	if (forms_of(sessions, call->arena, token, forms) == 0)
		return RESULT_FAULT;
	rows_session_encode(&text, session, forms[0].is_hashed);
	if (text.is_full)
		return RESULT_FAULT;
	link_add(sessions->link, STR("SET"), forms[0].key, buf_str(&text),
	    STR("PX"), buf_int_str(call->arena, ttl_ms));
	return link_exchange(sessions->link, call, &value);
}

static enum result
sessions_delete(struct session_port *port, struct call *call, struct str token)
{
	struct redis_sessions *sessions = sessions_of(port);
	struct resp_value values[FORMS_MAX];
	struct form forms[FORMS_MAX];
	int count = forms_of(sessions, call->arena, token, forms);

	if (count == 0)
		return RESULT_FAULT;
	for (int i = 0; i < count; i++)
		link_add(sessions->link, STR("DEL"), forms[i].key);
	return link_exchange(sessions->link, call, values);
}

/* The longest session and a day: it outlives all that it is compared with. */
static struct str
generation_life_s(const struct redis_sessions *sessions, struct arena *arena)
{
	const int64_t day_s = 86400;

	return buf_int_str(
	    arena, sessions->conf->session_life_ms / 1000 + day_s);
}

/* One that cannot be read ended all sessions already: it is replaced. */
static enum result
replace_generation(struct redis_sessions *sessions, struct call *call,
    struct str key, struct str text)
{
	struct resp_value value;

	link_add(sessions->link, STR("SET"), key, text, STR("EX"),
	    generation_life_s(sessions, call->arena));
	return link_exchange(sessions->link, call, &value);
}

static bool
new_generation(
    struct call *call, struct generation *generation, struct buf *text)
{
	char *gen = arena_alloc(call->arena, TOKEN_LEN + 1);

	if (!token_new(gen))
		return false;
	*generation =
	    (struct generation){ .gen = { gen, GEN_LEN }, .ended_ms = 0 };
	*text = buf_open(call->arena, 256);
	rows_generation_encode(text, generation);
	return true;
}

static enum result
sessions_enter_user(struct session_port *port, struct call *call,
    struct str user_id, struct generation *generation, int64_t *now_ms)
{
	struct redis_sessions *sessions = sessions_of(port);
	struct str key =
	    keys_generation(call->arena, sessions->prefix, user_id);
	struct str life_s = generation_life_s(sessions, call->arena);
	struct resp_value values[3];
	struct buf text;
	enum result result;

	if (!new_generation(call, generation, &text))
		return RESULT_FAULT;
	link_add(sessions->link, STR("SET"), key, buf_str(&text), STR("EX"),
	    life_s, STR("NX"), STR("GET"));
	link_add(sessions->link, STR("EXPIRE"), key, life_s);
	link_add(sessions->link, STR("TIME"));
	result = link_exchange(sessions->link, call, values);
	if (result != RESULT_OK)
		return result;
	if (!read_time(&values[2], now_ms))
		return odd_reply(call);
	if (values[0].type == RESP_NIL) /* there was none: ours stands */
		return RESULT_OK;
	if (values[0].type == RESP_TEXT &&
	    rows_generation_decode(call->arena, values[0].text, generation))
		return RESULT_OK;
	return replace_generation(sessions, call, key, buf_str(&text));
}

static enum result
sessions_answer(struct session_port *port, struct call *call)
{
	struct redis_sessions *sessions = sessions_of(port);
	struct resp_value value;

	link_add(sessions->link, STR("PING"));
	return link_exchange(sessions->link, call, &value);
}

struct session_port *
redis_sessions_open(struct link *link, const struct conf *conf)
{
	struct redis_sessions *sessions = calloc(1, sizeof(*sessions));

	if (sessions == NULL)
		return NULL;
	sessions->port = (struct session_port){
		.get = sessions_read,
		.put = sessions_write,
		.end = sessions_delete,
		.enter = sessions_enter_user,
		.ping = sessions_answer,
	};
	sessions->link = link;
	sessions->conf = conf;
	sessions->prefix = str_from(conf->redis_key_prefix);
	return &sessions->port;
}

void
redis_sessions_close(struct session_port *port)
{
	free(port);
}
