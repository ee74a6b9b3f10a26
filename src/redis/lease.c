/* Leases: short locks stored in place of the value that they protect. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "redis/lease.h"
#include "redis/wire/compare_and_set.h"
#include "secret/secret.h"

bool
lease_init(void)
{
	return cas_init();
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
	snprintf(lease->bytes, sizeof(lease->bytes), "0e%020" PRIu64, number);
	lease->text = str_from(lease->bytes);
	return true;
}

enum result
lease_take(struct link *link, struct call *call, struct str key, int64_t ttl_ms,
    struct lease *lease, struct str *found)
{
	struct resp_value value;
	enum result result;

	*found = STR_NONE;
	if (!lease_new(lease, key))
		return RESULT_FAULT;
	link_add(link, STR("SET"), key, lease->text, STR("NX"), STR("GET"),
	    STR("PX"), buf_int_str(call->arena, ttl_ms));
	result = link_exchange(link, call, &value);
	if (result != RESULT_OK || value.type == RESP_NIL)
		return result;
	if (value.type == RESP_TEXT)
		*found = value.text;
	/* our own text: the SET was sent twice after a reconnect */
	return str_eq(*found, lease->text) ? RESULT_OK : RESULT_MISS;
}

enum result
lease_seize(struct link *link, struct call *call, struct str key,
    int64_t ttl_ms, struct lease *lease)
{
	struct resp_value value;

	if (!lease_new(lease, key))
		return RESULT_FAULT;
	link_add(link, STR("SET"), key, lease->text, STR("PX"),
	    buf_int_str(call->arena, ttl_ms));
	return link_exchange(link, call, &value);
}

/*
 * A broken lease counts as success: the key has a newer value.  Without scripts
 * and transactions (REFUSED) a lease can only be released by DEL.  That is
 * safe: if the DEL breaks the lease of another request, that request does not
 * store its value.
 */
static enum result
settle_lease(struct link *link, struct call *call, const struct lease *lease,
    enum result replaced)
{
	struct resp_value value;

	if (replaced != RESULT_REFUSED)
		return replaced == RESULT_MISS ? RESULT_OK : replaced;
	link_add(link, STR("DEL"), lease->key);
	return link_exchange(link, call, &value);
}

enum result
lease_replace(struct link *link, struct call *call, const struct lease *lease,
    struct str new_value, int64_t ttl_ms)
{
	return settle_lease(link, call, lease,
	    cas_run(link, call, lease->text, STR("SET"), lease->key, new_value,
		STR("PX"), buf_int_str(call->arena, ttl_ms)));
}

enum result
lease_claim(struct link *link, struct call *call, struct str key,
    struct str old, struct str claim)
{
	enum result result =
	    cas_run(link, call, old, STR("SET"), key, claim, STR("KEEPTTL"));

	return result == RESULT_REFUSED ? RESULT_OK : result;
}

enum result
lease_release(struct link *link, struct call *call, const struct lease *lease)
{
	return settle_lease(link, call, lease,
	    cas_run(link, call, lease->text, STR("DEL"), lease->key));
}
