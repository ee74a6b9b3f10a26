/* Records of links that set a new password, named by a hash of their token. */
#include "config.h"

#include <stdlib.h>

#include "base/buf.h"
#include "redis/resets.h"
#include "redis/session_store.h"
#include "secret/token.h"
#include "store/keys.h"
#include "store/rows.h"

struct redis_resets {
	struct reset_port port; /* first, so that the port converts to this */
	struct link *link;
	struct str prefix;
};

static struct redis_resets *
resets_of(struct reset_port *port)
{
	return (struct redis_resets *)port;
}

static struct str
reset_key(
    const struct redis_resets *resets, struct arena *arena, struct str token)
{
	return keys_reset(arena, resets->prefix, token_hash(arena, token));
}

static enum result
redis_resets_put(struct reset_port *port, struct call *call, struct str token,
    const struct reset *reset, int64_t ttl_ms, int64_t *now_ms)
{
	const struct redis_resets *resets = resets_of(port);
	struct buf text = buf_open(call->arena, ROWS_TEXT_MAX);
	struct resp_value values[2];
	enum result result;

	rows_reset_encode(&text, reset);
	link_add(resets->link, STR("SET"),
	    reset_key(resets, call->arena, token), buf_str(&text), STR("PX"),
	    buf_int_str(call->arena, ttl_ms));
	link_add(resets->link, STR("TIME"));
	result = link_exchange(resets->link, call, values);
	if (result == RESULT_OK && !session_store_read_time(&values[1], now_ms))
		return link_odd_reply();
	return result;
}

static enum result
redis_resets_get(struct reset_port *port, struct call *call, struct str token,
    struct reset *reset, int64_t *left_ms)
{
	const struct redis_resets *resets = resets_of(port);
	struct str key = reset_key(resets, call->arena, token);
	struct resp_value values[2];
	enum result result;

	link_add(resets->link, STR("GET"), key);
	link_add(resets->link, STR("PTTL"), key);
	result = link_exchange(resets->link, call, values);
	if (result != RESULT_OK)
		return result;
	*left_ms = values[1].number;
	if (values[0].type != RESP_TEXT || values[1].type != RESP_INT ||
	    *left_ms <= 0 ||
	    !rows_reset_decode(call->arena, values[0].text, reset))
		return RESULT_MISS;
	return RESULT_OK;
}

/*
 * The DEL may be sent twice after a reconnect, and then finds nothing: MISS,
 * and the link cannot be used again.
 */
static enum result
redis_resets_take(struct reset_port *port, struct call *call, struct str token)
{
	const struct redis_resets *resets = resets_of(port);
	struct resp_value value;
	enum result result;

	link_add(
	    resets->link, STR("DEL"), reset_key(resets, call->arena, token));
	result = link_exchange(resets->link, call, &value);
	if (result != RESULT_OK)
		return result;
	if (value.type != RESP_INT)
		return link_odd_reply();
	return value.number == 1 ? RESULT_OK : RESULT_MISS;
}

struct reset_port *
redis_resets_open(struct link *link, const struct conf *conf)
{
	struct redis_resets *resets = calloc(1, sizeof(*resets));

	if (resets == NULL)
		return NULL;
	resets->port = (struct reset_port){ .put = redis_resets_put,
		.get = redis_resets_get,
		.take = redis_resets_take };
	resets->link = link;
	resets->prefix = str_from(conf->redis_key_prefix);
	return &resets->port;
}

void
redis_resets_close(struct reset_port *port)
{
	free(port);
}
