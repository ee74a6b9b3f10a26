/* Makes links that set a new password. */
#include "config.h"

#include "app/origin.h"
#include "app/reset_link.h"
#include "base/buf.h"
#include "secret/token.h"

enum { URL_MAX = 8192 };

bool
reset_link_is_possible(const struct conf *conf)
{
	return conf->mysql_password_update[0] != '\0' &&
	       conf->server_origins[0] != '\0';
}

enum result
reset_link_read_user(const struct stores *stores, struct call *call,
    struct str user_id, struct user *user)
{
	struct user row;
	enum result result = user_table_by_id(stores, call, user_id, &row);

	if (result == RESULT_OK && str_is_none(row.login))
		return RESULT_MISS;
	if (result == RESULT_OK)
		result = user_table_by_login(stores, call, row.login, user);
	if (result == RESULT_OK && !str_eq(user->id, user_id))
		return RESULT_MISS;
	return result;
}

static struct str
fingerprint_of(struct arena *arena, const struct user *user)
{
	return token_fingerprint(arena, user->hash);
}

bool
reset_link_is_for(
    struct arena *arena, const struct reset *reset, const struct user *user)
{
	struct str pw = fingerprint_of(arena, user);

	return str_is_none(pw) ? str_is_none(reset->pw) : str_eq(pw, reset->pw);
}

static struct str
url_of(const struct conf *conf, struct arena *arena, struct str token)
{
	struct buf url = buf_open(arena, URL_MAX);

	buf_add(&url, origin_first(conf));
	buf_add(&url, str_from(conf->server_mount));
	buf_add(&url, STR("/reset?t="));
	buf_add(&url, token);
	return buf_str(&url);
}

enum result
reset_link_new(const struct conf *conf, const struct stores *stores,
    struct call *call, const struct user *user, int64_t life_ms,
    struct str *url, int64_t *expires_ms)
{
	const struct reset reset = { .user_id = user->id,
		.pw = fingerprint_of(call->arena, user) };
	char *token = arena_alloc(call->arena, TOKEN_LEN + 1);
	int64_t now_ms;
	enum result result;

	if (!token_new(token))
		return RESULT_FAULT;
	result =
	    resets_put(stores, call, str_from(token), &reset, life_ms, &now_ms);
	if (result != RESULT_OK)
		return result;
	*url = url_of(conf, call->arena, str_from(token));
	*expires_ms = now_ms + life_ms;
	return RESULT_OK;
}
