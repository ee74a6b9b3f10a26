/* The session cookie in requests and answers (RFC 6265). */
#include "config.h"

#include "app/session_cookie.h"
#include "http/cookie.h"
#include "secret/token.h"

enum { SET_COOKIE_MAX = 1024 };

static struct cookie_attributes
attributes_of(const struct conf *conf, const char *name)
{
	static const struct str samesites[] = {
		[CONF_SAMESITE_LAX] = STR_INIT("Lax"),
		[CONF_SAMESITE_STRICT] = STR_INIT("Strict"),
		[CONF_SAMESITE_NONE] = STR_INIT("None"),
	};

	return (struct cookie_attributes){
		.name = str_from(name),
		.path = str_from(conf->cookie_path),
		.domain = str_from(conf->cookie_domain),
		.samesite = samesites[conf->cookie_samesite],
		.is_secure = conf->cookie_secure,
	};
}

/*
 * True if the token may be looked up in a store.  With a secret_file tokens
 * carry a tag, which is checked here.  Tokens that are older than the
 * secret_file have none; they are accepted only while [session] untagged or key
 * allows them.
 */
static bool
may_reach_store(const struct context *c, struct str token)
{
	const struct conf *conf = c->app->conf;
	struct tag_keys keys = app_keys(c->app);

	if (!token_is_wellformed(token))
		return false;
	if (keys.count == 0)
		return true;
	switch (token_judge(keys, token)) {
	case TOKEN_GENUINE:
		return true;
	case TOKEN_UNTAGGED:
		return conf->session_untagged ||
		       conf->session_key != CONF_KEY_SHA256;
	case TOKEN_FORGED:
		break;
	}
	return false;
}

/*
 * Reads the cookie of this name.  A __Host- cookie that was sent with two
 * different values counts as sent, but has no token.  Of any other name the
 * first value counts.
 */
static struct session_cookie
read_cookie(const struct context *c, const char *name)
{
	struct session_cookie cookie = { .name = name };

	if (name == NULL)
		return cookie;
	switch (cookie_find(c->call->arena, c->request->cookie, str_from(name),
	    &cookie.token)) {
	case COOKIE_ABSENT:
		break;
	case COOKIE_CONFLICT:
		cookie.came = true;
		break;
	case COOKIE_FOUND:
		cookie.came = cookie.token.len > 0;
		cookie.is_wellformed = may_reach_store(c, cookie.token);
	}
	return cookie;
}

static bool
has_host_prefix(const struct session_cookie *cookie)
{
	return str_starts(str_from(cookie->name), STR("__Host-"));
}

void
session_cookie_read(const struct context *c, struct cookies *cookies)
{
	const struct conf_effective *effective = &c->app->conf->effective;

	cookies->cookies[0] = read_cookie(c, effective->cookie_name);
	cookies->cookies[1] = read_cookie(c, effective->cookie_other);
	cookies->counts = NULL;
	for (int i = 0; i < SESSION_COOKIES; i++) {
		const struct session_cookie *cookie = &cookies->cookies[i];

		if (cookie->came &&
		    (cookies->counts == NULL || has_host_prefix(cookie)))
			cookies->counts = cookie;
	}
}

static void
add_set_cookie(struct context *c, const struct buf *value)
{
	reply_header(c->reply, "Set-Cookie", buf_str(value));
}

static void
set_cookie(struct context *c, struct str token, int64_t life_s)
{
	struct cookie_attributes attributes =
	    attributes_of(c->app->conf, c->app->conf->effective.cookie_name);
	struct buf value = buf_open(c->call->arena, SET_COOKIE_MAX);

	cookie_set(&value, &attributes, token, life_s);
	add_set_cookie(c, &value);
}

void
session_cookie_set_own(
    struct context *c, const char *name, struct str value, int64_t life_s)
{
	struct cookie_attributes attributes = attributes_of(c->app->conf, name);
	struct buf text = buf_open(c->call->arena, SET_COOKIE_MAX);

	attributes.domain = STR("");
	attributes.path = STR("/");
	cookie_set(&text, &attributes, value, life_s);
	add_set_cookie(c, &text);
}

void
session_cookie_set(struct context *c, struct str token, int64_t life_s)
{
	set_cookie(c, token, life_s);
}

void
session_cookie_set_until_closed(struct context *c, struct str token)
{
	set_cookie(c, token, COOKIE_UNTIL_CLOSED);
}

/* Browsers accept a __Host- cookie only with Secure, Path=/ and no Domain. */
static void
expire_cookie(struct context *c, const struct session_cookie *cookie)
{
	struct cookie_attributes attributes =
	    attributes_of(c->app->conf, cookie->name);
	struct buf value = buf_open(c->call->arena, SET_COOKIE_MAX);

	if (has_host_prefix(cookie)) {
		attributes.is_secure = true;
		attributes.domain = STR("");
		attributes.path = STR("/");
	}
	cookie_expire(&value, &attributes);
	add_set_cookie(c, &value);
}

/*
 * Chromium keeps the page after a login for its back button, despite
 * Cache-Control.  Clear-Site-Data (Clear Site Data, 3.1) removes that page.
 */
void
session_cookie_expire(struct context *c, const struct cookies *cookies)
{
	bool any_came = false;

	for (int i = 0; i < SESSION_COOKIES; i++) {
		if (!cookies->cookies[i].came)
			continue;
		expire_cookie(c, &cookies->cookies[i]);
		any_came = true;
	}
	if (any_came)
		reply_header(c->reply, "Clear-Site-Data", STR("\"cache\""));
}
