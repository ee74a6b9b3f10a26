/* Leases: short locks inside the value that they guard. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "redis/lease.h"
#include "secret/secret.h"

#define REPLACE_SCRIPT \
	"if redis.call('GET', KEYS[1]) == ARGV[1] then " \
	"redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end return 1"
#define CLAIM_SCRIPT \
	"if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end " \
	"redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') return 1"
#define RELEASE_SCRIPT \
	"if redis.call('GET', KEYS[1]) == ARGV[1] then " \
	"redis.call('DEL', KEYS[1]) end return 1"

bool
lease_is(struct str value)
{
	return str_starts(value, STR("0e")) && value.len > 2 &&
	       str_only(str_from_byte(value, 2), "0123456789");
}

static bool
lease_new(struct lease *lease, struct str key)
{
	uint64_t number;

	if (!secret_random(&number, sizeof(number)))
		return false;
	lease->key = key;
	snprintf(lease->room, sizeof(lease->room), "0e%020" PRIu64, number);
	lease->text = str_from(lease->room);
	return true;
}

enum result
lease_take(struct link *link, struct call *call, struct str key,
    int64_t life_ms, struct lease *lease, struct str *found)
{
	struct resp_value value;
	enum result result;

	*found = STR_NONE;
	if (!lease_new(lease, key))
		return RESULT_FAULT;
	link_add(link, STR("SET"), key, lease->text, STR("NX"), STR("GET"),
	    STR("PX"), buf_int_str(call->arena, life_ms));
	result = link_exchange(link, call, &value);
	if (result != RESULT_OK || value.type == RESP_NIL)
		return result;
	if (value.type == RESP_TEXT)
		*found = value.text;
	/* sent twice, over a connection that died: it is ours all the same */
	return str_eq(*found, lease->text) ? RESULT_OK : RESULT_MISS;
}

enum result
lease_seize(struct link *link, struct call *call, struct str key,
    int64_t life_ms, struct lease *lease)
{
	struct resp_value value;

	if (!lease_new(lease, key))
		return RESULT_FAULT;
	link_add(link, STR("SET"), key, lease->text, STR("PX"),
	    buf_int_str(call->arena, life_ms));
	return link_exchange(link, call, &value);
}

/*
 * Where scripts are refused a lease cannot be given back but by DEL, which
 * harms nobody: a fill that it breaks is not kept.
 */
enum result
lease_replace(struct link *link, struct call *call, const struct lease *lease,
    struct str new_value, int64_t life_ms)
{
	struct resp_value value = { .type = RESP_NIL };
	enum result result;

	link_add(link, STR("EVAL"), STR(REPLACE_SCRIPT), STR("1"), lease->key,
	    lease->text, new_value, buf_int_str(call->arena, life_ms));
	result = link_exchange(link, call, &value);
	if (result != RESULT_DOWN || value.type != RESP_ERROR)
		return result;
	link_add(link, STR("DEL"), lease->key);
	return link_exchange(link, call, &value);
}

enum result
lease_claim(struct link *link, struct call *call, struct str key,
    struct str old, struct str claim)
{
	struct resp_value value = { .type = RESP_NIL };
	enum result result;

	link_add(
	    link, STR("EVAL"), STR(CLAIM_SCRIPT), STR("1"), key, old, claim);
	result = link_exchange(link, call, &value);
	if (result == RESULT_OK && value.type == RESP_INT && value.number == 0)
		return RESULT_MISS;
	if (result == RESULT_DOWN && value.type == RESP_ERROR)
		return RESULT_OK;
	return result;
}

enum result
lease_release(struct link *link, struct call *call, const struct lease *lease)
{
	struct resp_value value;

	link_add(link, STR("EVAL"), STR(RELEASE_SCRIPT), STR("1"), lease->key,
	    lease->text);
	return link_exchange(link, call, &value);
}
