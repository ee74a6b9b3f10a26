/*
 * Derives values: numbers that are 0 for "auto", TLS, and the names of the
 * cookie.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "config/effective.h"
#include "config/setting.h"

#define COOKIE_BARE "SESSION-TOKEN"
#define COOKIE_HOST_PREFIX "__Host-"

static int64_t
first_not_zero(int64_t wanted, int64_t otherwise)
{
	return wanted != 0 ? wanted : otherwise;
}

static void
settle_numbers(struct conf *conf, int cores)
{
	struct conf_effective *effective = &conf->effective;
	bool is_unix = conf->redis.is_unix;
	int64_t connect_ms = is_unix ? 50 : conf->redis.is_tls ? 1000 : 500;

	if (cores <= 0)
		cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if (cores <= 0)
		cores = 1;
	effective->leaders = (int)first_not_zero(conf->server_leaders, cores);
	effective->hash_threads = (int)first_not_zero(
	    conf->login_hash_threads, cores < 4 ? cores : 4);
	effective->logins = conf->server_workers - conf->mysql_connections -
			    EFFECTIVE_WORKERS_LEFT;
	effective->redis_connect_ms =
	    first_not_zero(conf->redis_connect_timeout_ms, connect_ms);
	effective->redis_command_ms =
	    first_not_zero(conf->redis_command_timeout_ms, is_unix ? 100 : 500);
}

static bool
is_this_machine(const struct mysql_url *url)
{
	return url->host == NULL || url->socket != NULL ||
	       str_eq_nocase(str_from(url->host), STR("localhost")) ||
	       strcmp(url->host, "::1") == 0 ||
	       (str_starts(str_from(url->host), STR("127.")) &&
		   str_only(str_from(url->host), "0123456789."));
}

static const char *
first_not_empty(const char *wanted, const char *otherwise)
{
	return wanted[0] != '\0' || otherwise == NULL ? wanted : otherwise;
}

/*
 * Decides the TLS of a database.  validate_stores.c refuses an option that
 * contradicts the URL.
 */
static void
settle_tls(const struct conf *conf, struct conf_database *database)
{
	const char *const *words = setting_table[CONF_OPTION_mysql_tls].words;
	const struct mysql_url *url = &database->url;
	enum conf_mysql_tls mode = conf->mysql_tls;

	for (int i = 0; url->tls != NULL && words[i] != NULL; i++)
		if (mode == CONF_MYSQL_TLS_AUTO &&
		    strcmp(words[i], url->tls) == 0)
			mode = (enum conf_mysql_tls)i;
	if (mode == CONF_MYSQL_TLS_AUTO)
		mode = is_this_machine(url) ? CONF_MYSQL_TLS_OFF
					    : CONF_MYSQL_TLS_VERIFY;
	database->tls = mode;
	database->tls_ca = first_not_empty(conf->mysql_tls_ca, url->tls_ca);
	database->tls_cert =
	    first_not_empty(conf->mysql_tls_cert, url->tls_cert);
	database->tls_key = first_not_empty(conf->mysql_tls_key, url->tls_key);
}

/*
 * Decides the TLS of each database.  Without any url the first database gets
 * the settings of a local socket.
 */
static void
settle_databases(struct conf *conf)
{
	settle_tls(conf, &conf->databases[0]);
	for (int i = 1; i < conf->database_count; i++)
		settle_tls(conf, &conf->databases[i]);
}

/* True if the default name may have the __Host- prefix (RFC 6265bis). */
static bool
is_host_cookie(const struct conf *conf)
{
	return conf->cookie_secure && conf->cookie_domain[0] == '\0' &&
	       strcmp(conf->cookie_path, "/") == 0 &&
	       conf->session_key == CONF_KEY_SHA256;
}

static bool
is_compat(const struct conf *conf)
{
	if (conf->cookie_compat != CONF_COMPAT_AUTO)
		return conf->cookie_compat == CONF_COMPAT_ON;
	return conf->session_key != CONF_KEY_SHA256;
}

/*
 * Makes the names of the cookie.  They differ by the prefix: cookie_names holds
 * the name with the prefix, and its end is the name without it.
 */
static bool
settle_cookie(struct conf *conf)
{
	const size_t prefix_len = sizeof(COOKIE_HOST_PREFIX) - 1;
	struct conf_effective *effective = &conf->effective;
	const char *name = conf->cookie_name, *bare;
	bool has_prefix;

	if (name[0] == '\0') {
		has_prefix = is_host_cookie(conf);
		bare = COOKIE_BARE;
	} else {
		has_prefix =
		    str_starts(str_from(name), STR(COOKIE_HOST_PREFIX));
		bare = name + (has_prefix ? prefix_len : 0);
	}
	if (asprintf(&conf->cookie_names, COOKIE_HOST_PREFIX "%s", bare) < 0) {
		conf->cookie_names = NULL;
		return false;
	}
	bare = conf->cookie_names + prefix_len;
	effective->cookie_name = has_prefix ? conf->cookie_names : bare;
	if (is_compat(conf))
		effective->cookie_other =
		    has_prefix ? bare : conf->cookie_names;
	return true;
}

bool
effective_settle(struct conf *conf, int cores)
{
	settle_numbers(conf, cores);
	settle_databases(conf);
	return settle_cookie(conf);
}
