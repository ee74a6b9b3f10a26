/* Device cookies: browsers that have logged in to an account before. */
#include "config.h"

#include <time.h>

#include "app/device.h"
#include "app/session_cookie.h"
#include "http/cookie.h"
#include "secret/digest.h"
#include "secret/token.h"

#define NAME_BARE "SESSGATE-DEVICE"
#define NAME_HOST "__Host-" NAME_BARE

/* The purpose "device" signed an older format with the hash of a login. */
#define PURPOSE "device-of-id"

enum { NONCE_LEN = 22, VALUE_MAX = 160 }; /* The nonce has 132 bits. */
enum { NAME_BYTES_MAX = 64 };

/* The content of a cookie whose tag was verified. */
struct device {
	struct str account; /* hash of the row's id */
	struct str nonce;
};

/*
 * Returns the name of the cookie.  Sites on one host have different accounts,
 * so each site has a cookie name of its own.
 */
static const char *
cookie_name_of(const struct context *c)
{
	const struct conf *conf = c->app->conf;
	struct buf name = buf_open(c->call->arena, NAME_BYTES_MAX);

	buf_add(&name, conf->cookie_secure ? STR(NAME_HOST) : STR(NAME_BARE));
	if (conf->site != NULL) {
		buf_add_char(&name, '-');
		buf_add(&name, str_from(conf->site));
	}
	buf_add_char(&name, '\0');
	return buf_str(&name).ptr;
}

/*
 * Uses the clock of this host: an error of hours does not matter in 400 days.
 */
static bool
is_young(struct str seconds)
{
	int64_t set_s;

	return str_to_int(seconds, 0, INT64_MAX / 2, &set_s) &&
	       set_s + DEVICE_LIFE_S > (int64_t)time(NULL);
}

static bool
decode_device(struct tag_keys keys, struct str value, struct device *device)
{
	struct str rest = value, text = value, seconds;

	device->account = str_cut(&rest, '.');
	device->nonce = str_cut(&rest, '.');
	seconds = str_cut(&rest, '.');
	if (rest.len != TAG_LEN)
		return false;
	text.len = value.len - TAG_LEN - 1;
	return tag_fits(keys, STR(PURPOSE), text, rest) && is_young(seconds);
}

static bool
read_device(const struct context *c, struct device *device)
{
	struct str value;

	return app_keys(c->app).count > 0 &&
	       cookie_find(c->call->arena, c->request->cookie,
		   str_from(cookie_name_of(c)), &value) == COOKIE_FOUND &&
	       value.len <= VALUE_MAX &&
	       decode_device(app_keys(c->app), value, device);
}

static struct str
hash_of_row(const struct context *c, struct str id)
{
	return digest_text(c->call->arena, id, DIGEST_BYTES);
}

struct str
device_of(const struct context *c, struct str id)
{
	struct device device;

	if (!str_is_none(id) && read_device(c, &device) &&
	    str_eq(device.account, hash_of_row(c, id)))
		return device.nonce;
	return STR_NONE;
}

bool
device_is_known(const struct context *c)
{
	struct device device;

	return read_device(c, &device);
}

void
device_set(struct context *c, struct str id)
{
	struct buf value = buf_open(c->call->arena, VALUE_MAX);
	char token[TOKEN_LEN + 1], tag[TAG_LEN + 1];
	struct str nonce = device_of(c, id);

	if (app_keys(c->app).count == 0)
		return;
	if (str_is_none(nonce)) {
		if (!token_new(token))
			return;
		nonce = (struct str){ token, NONCE_LEN };
	}
	buf_add(&value, hash_of_row(c, id));
	buf_add_char(&value, '.');
	buf_add(&value, nonce);
	buf_add_char(&value, '.');
	buf_add_int(&value, time(NULL));
	if (!tag_make(app_keys(c->app), STR(PURPOSE), buf_str(&value), tag))
		return;
	buf_add_char(&value, '.');
	buf_add(&value, str_from(tag));
	session_cookie_set_own(
	    c, cookie_name_of(c), buf_str(&value), DEVICE_LIFE_S);
}
