/* Leases: short locks inside the value that they guard. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "redis/lease.h"
#include "redis/script.h"
#include "secret/secret.h"

/* Each changes the value while it is still ARGV[1]. */
static struct script replace_script = {
	.text = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
		"redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1"
};
static struct script claim_script = {
	.text = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
		"redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') return 1"
};
static struct script release_script = {
	.text = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
		"return redis.call('DEL', KEYS[1])"
};

bool
lease_init(void)
{
	return script_open(&replace_script) && script_open(&claim_script) &&
	       script_open(&release_script);
}

bool
lease_is(struct str value)
{
	return str_starts(value, STR("0e")) && value.len > 2 &&
	       str_only_digits(str_from_byte(value, 2));
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
static enum result
delete_instead(struct link *link, struct call *call, struct str key)
{
	struct resp_value value;

	link_add(link, STR("DEL"), key);
	return link_exchange(link, call, &value);
}

enum result
lease_replace(struct link *link, struct call *call, const struct lease *lease,
    struct str new_value, int64_t life_ms)
{
	struct resp_value value;
	enum result result =
	    script_run(&replace_script, link, call, &value, 1, lease->key,
		lease->text, new_value, buf_int_str(call->arena, life_ms));

	if (result == RESULT_DENY)
		return delete_instead(link, call, lease->key);
	return result;
}

enum result
lease_claim(struct link *link, struct call *call, struct str key,
    struct str old, struct str claim)
{
	struct resp_value value;
	enum result result =
	    script_run(&claim_script, link, call, &value, 1, key, old, claim);

	if (result == RESULT_OK && value.type == RESP_INT && value.number == 0)
		return RESULT_MISS;
	return result == RESULT_DENY ? RESULT_OK : result;
}

enum result
lease_release(struct link *link, struct call *call, const struct lease *lease)
{
	struct resp_value value;
	enum result result = script_run(
	    &release_script, link, call, &value, 1, lease->key, lease->text);

	if (result == RESULT_DENY)
		return delete_instead(link, call, lease->key);
	return result;
}
