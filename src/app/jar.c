/* The session cookie in requests and answers (CONTRACT: names, RFC 6265). */
#include "config.h"

#include "app/jar.h"
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

/* One name; a __Host- cookie with two values is there, and worth nothing. */
static bool
read_name(const struct context *c, const char *name, struct str *token)
{
	*token = STR_NONE;
	if (name == NULL)
		return false;
	switch (cookie_find(
	    c->call->arena, c->request->cookie, str_from(name), token)) {
	case COOKIE_ABSENT:
		return false;
	case COOKIE_CONFLICT:
		*token = STR("conflict");
		return true;
	case COOKIE_FOUND:
		break;
	}
	return token->len > 0;
}

struct jar
jar_read(const struct context *c)
{
	const struct conf_in_force *in_force = &c->app->conf->in_force;
	struct str other;
	struct jar jar = { .token = STR_NONE };

	jar.has_name = read_name(c, in_force->cookie_name, &jar.token);
	jar.has_other = read_name(c, in_force->cookie_other, &other);
	if (jar.has_other &&
	    (!jar.has_name ||
		str_starts(str_from(in_force->cookie_other), STR("__Host-"))))
		jar.token = other;
	if (jar.token.len == 0)
		jar.token = STR_NONE;
	jar.is_wellformed = token_is_wellformed(jar.token);
	return jar;
}

static void
add_set_cookie(struct context *c, const struct buf *value)
{
	reply_header(c->reply, "Set-Cookie", buf_str(value));
}

void
jar_set(struct context *c, struct str token, int64_t life_s)
{
	struct cookie_attributes attributes =
	    attributes_of(c->app->conf, c->app->conf->in_force.cookie_name);
	struct buf value = buf_open(c->call->arena, SET_COOKIE_MAX);

	cookie_set(&value, &attributes, token, life_s);
	add_set_cookie(c, &value);
}

static void
expire_name(struct context *c, const char *name)
{
	struct cookie_attributes attributes = attributes_of(c->app->conf, name);
	struct buf value = buf_open(c->call->arena, SET_COOKIE_MAX);

	/* browsers drop a __Host- cookie's expiry unless it is Secure */
	if (str_starts(attributes.name, STR("__Host-"))) {
		attributes.is_secure = true;
		attributes.domain = STR("");
		attributes.path = STR("/");
	}
	cookie_expire(&value, &attributes);
	add_set_cookie(c, &value);
}

void
jar_expire(struct context *c, const struct jar *jar)
{
	if (jar->has_name)
		expire_name(c, c->app->conf->in_force.cookie_name);
	if (jar->has_other)
		expire_name(c, c->app->conf->in_force.cookie_other);
}
