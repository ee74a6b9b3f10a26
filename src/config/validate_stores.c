/* Checks of how the stores are reached.  Each is a row of a table. */
#include "config.h"

#include <string.h>

#include "config/effective.h"
#include "config/url_parts.h"
#include "config/validation.h"

#define NEEDS_REDISS "is for TLS: [redis] url must begin with rediss://"

/*
 * True if the url of Redis is without TLS.  A malformed url has neither host
 * nor path; it was reported.
 */
static bool
is_redis_without_tls(const struct conf *conf)
{
	return !conf->redis.is_tls &&
	       (conf->redis.host != NULL || conf->redis.path != NULL);
}

static bool
ca_without_tls(const struct conf *conf)
{
	return conf->redis_tls_ca[0] != '\0' && is_redis_without_tls(conf);
}

static bool
ca_without_verify(const struct conf *conf)
{
	return conf->redis_tls_ca[0] != '\0' &&
	       conf->redis_tls_verify == CONF_TLS_VERIFY_OFF;
}

static bool
cert_without_tls(const struct conf *conf)
{
	return conf->redis_tls_cert[0] != '\0' && is_redis_without_tls(conf);
}

static bool
cert_without_key(const struct conf *conf)
{
	return conf->redis_tls_cert[0] != '\0' &&
	       conf->redis_tls_key[0] == '\0';
}

static bool
key_without_cert(const struct conf *conf)
{
	return conf->redis_tls_key[0] != '\0' &&
	       conf->redis_tls_cert[0] == '\0';
}

static bool
name_without_tls(const struct conf *conf)
{
	return conf->redis_tls_name[0] != '\0' && is_redis_without_tls(conf);
}

static bool
bad_tls_name(const struct conf *conf)
{
	return conf->redis_tls_name[0] != '\0' &&
	       !url_is_host(conf->redis_tls_name);
}

static bool
verify_without_tls(const struct conf *conf)
{
	return conf->redis_tls_verify != CONF_TLS_VERIFY_FULL &&
	       is_redis_without_tls(conf);
}

static bool
is_against_url(const struct conf *conf, const char *tls)
{
	const char *const *words = setting_table[CONF_OPTION_mysql_tls].words;

	return tls != NULL && conf->mysql_tls != CONF_MYSQL_TLS_AUTO &&
	       strcmp(tls, words[conf->mysql_tls]) != 0;
}

static bool
tls_against_url(const struct conf *conf)
{
	bool found = false;

	for (int i = 0; i < conf->database_count; i++)
		found =
		    found || is_against_url(conf, conf->databases[i].url.tls);
	return found;
}

static bool
is_twice(const char *option, const char *of_url)
{
	return option[0] != '\0' && of_url != NULL &&
	       strcmp(option, of_url) != 0;
}

static bool
tls_files_against_url(const struct conf *conf)
{
	bool found = false;

	for (int i = 0; i < conf->database_count; i++) {
		const struct mysql_url *url = &conf->databases[i].url;

		found = found || is_twice(conf->mysql_tls_ca, url->tls_ca) ||
			is_twice(conf->mysql_tls_cert, url->tls_cert) ||
			is_twice(conf->mysql_tls_key, url->tls_key);
	}
	return found;
}

typedef bool is_database(const struct conf_database *database);

/*
 * Returns the number of databases to check.  Without any url it is one, which
 * has the settings of a local socket.
 */
static int
databases_to_check(const struct conf *conf)
{
	return conf->database_count > 0 ? conf->database_count : 1;
}

static int
count_databases(const struct conf *conf, is_database *is)
{
	int count = 0;

	for (int i = 0; i < databases_to_check(conf); i++)
		count += is(&conf->databases[i]);
	return count;
}

/*
 * True if a file is unused.  One that is set for all urls is used if a single
 * url uses it; one that an url names must be used by that url.
 */
static bool
is_unused(const struct conf *conf, const char *option, is_database *is)
{
	int unused = count_databases(conf, is);

	return unused > 0 &&
	       (option[0] == '\0' || unused == databases_to_check(conf));
}

static bool
has_ca_without_verify(const struct conf_database *database)
{
	return database->tls_ca[0] != '\0' &&
	       database->tls < CONF_MYSQL_TLS_VERIFY_CA;
}

static bool
mysql_ca_without_verify(const struct conf *conf)
{
	return is_unused(conf, conf->mysql_tls_ca, has_ca_without_verify);
}

static bool
has_verify_ca_without_ca(const struct conf_database *database)
{
	return database->tls_ca[0] == '\0' &&
	       database->tls == CONF_MYSQL_TLS_VERIFY_CA;
}

static bool
verify_ca_without_ca(const struct conf *conf)
{
	return count_databases(conf, has_verify_ca_without_ca) > 0;
}

static bool
has_cert_without_tls(const struct conf_database *database)
{
	return database->tls_cert[0] != '\0' &&
	       database->tls == CONF_MYSQL_TLS_OFF;
}

static bool
mysql_cert_without_tls(const struct conf *conf)
{
	return is_unused(conf, conf->mysql_tls_cert, has_cert_without_tls);
}

static bool
has_cert_without_key(const struct conf_database *database)
{
	return database->tls_cert[0] != '\0' && database->tls_key[0] == '\0';
}

static bool
mysql_cert_without_key(const struct conf *conf)
{
	return count_databases(conf, has_cert_without_key) > 0;
}

static bool
has_key_without_cert(const struct conf_database *database)
{
	return database->tls_key[0] != '\0' && database->tls_cert[0] == '\0';
}

static bool
mysql_key_without_cert(const struct conf *conf)
{
	return count_databases(conf, has_key_without_cert) > 0;
}

static bool
user_without_sentinel_password(const struct conf *conf)
{
	return conf->redis_sentinel_user[0] != '\0' &&
	       conf->redis_sentinel_password[0] == '\0';
}

/*
 * True if there is a password but no Sentinel.  A malformed url was reported
 * already.
 */
static bool
password_without_sentinel(const struct conf *conf)
{
	return conf->redis_sentinel_password[0] != '\0' &&
	       conf->redis.way != REDIS_SENTINEL &&
	       url_redis_name(&conf->redis) != NULL;
}

/*
 * True if the prefix has no hash tag (Redis Cluster specification).  An empty
 * pair of braces is no tag.
 */
static bool
cluster_without_tag(const struct conf *conf)
{
	struct str tag = str_from(conf->redis_key_prefix);

	if (conf->redis.way != REDIS_CLUSTER)
		return false;
	str_cut(&tag, '{');
	return str_is_none(tag) || !str_has_char(tag, '}') || tag.ptr[0] == '}';
}

const struct validation validation_of_stores[] = {
	// clang-format off
	{ CONF_OPTION_redis_key_prefix, CONF_OPTION_redis_url, cluster_without_tag,
	    "a Cluster needs a key_prefix with a tag, as {sg}:" },
	{ CONF_OPTION_redis_sentinel_user, CONF_OPTION_redis_sentinel_user, user_without_sentinel_password,
	    "needs a sentinel_password" },
	{ CONF_OPTION_redis_sentinel_password, CONF_OPTION_redis_sentinel_password, password_without_sentinel,
	    "is for the Sentinels of a redis+sentinel:// url" },
	{ CONF_OPTION_redis_tls_ca, CONF_OPTION_redis_tls_ca, ca_without_tls,
	    NEEDS_REDISS },
	{ CONF_OPTION_redis_tls_ca, CONF_OPTION_redis_tls_ca, ca_without_verify,
	    "has no effect with tls_verify = off" },
	{ CONF_OPTION_redis_tls_cert, CONF_OPTION_redis_tls_cert, cert_without_tls,
	    NEEDS_REDISS },
	{ CONF_OPTION_redis_tls_cert, CONF_OPTION_redis_tls_cert, cert_without_key,
	    "needs tls_key" },
	{ CONF_OPTION_redis_tls_key, CONF_OPTION_redis_tls_key, key_without_cert,
	    "needs tls_cert" },
	{ CONF_OPTION_redis_tls_name, CONF_OPTION_redis_tls_name, name_without_tls,
	    NEEDS_REDISS },
	{ CONF_OPTION_redis_tls_name, CONF_OPTION_redis_tls_name, bad_tls_name,
	    "is neither a host name nor an address" },
	{ CONF_OPTION_redis_tls_verify, CONF_OPTION_redis_tls_verify, verify_without_tls,
	    NEEDS_REDISS },
	{ CONF_OPTION_mysql_tls, CONF_OPTION_mysql_url, tls_against_url,
	    "contradicts ssl-mode in the url" },
	{ CONF_OPTION_mysql_url, CONF_OPTION_mysql_tls_ca, tls_files_against_url,
	    "ssl-ca, ssl-cert or ssl-key contradicts [mysql] tls_ca, tls_cert or tls_key" },
	{ CONF_OPTION_mysql_tls_ca, CONF_OPTION_mysql_url, mysql_ca_without_verify,
	    "is for tls = verify and verify-ca (auto is off for a socket and this machine)" },
	{ CONF_OPTION_mysql_tls, CONF_OPTION_mysql_url, verify_ca_without_ca,
	    "verify-ca needs tls_ca" },
	{ CONF_OPTION_mysql_tls_cert, CONF_OPTION_mysql_url, mysql_cert_without_tls,
	    "has no effect without TLS (auto is off for a socket and this machine)" },
	{ CONF_OPTION_mysql_tls_cert, CONF_OPTION_mysql_url, mysql_cert_without_key,
	    "needs tls_key" },
	{ CONF_OPTION_mysql_tls_key, CONF_OPTION_mysql_url, mysql_key_without_cert,
	    "needs tls_cert" },
	{ .is_broken = NULL }
	// clang-format on
};
