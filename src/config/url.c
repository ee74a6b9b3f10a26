/*
 * Parsing the URLs of Redis and MySQL.  A URL may hold a password, so errors
 * are constant texts.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/str.h"
#include "config/url.h"
#include "config/url_parts.h"
#include "config/url_query.h"

#define REDIS_PORT 6379
#define SENTINEL_PORT 26379
#define REDIS_DATABASE_MAX 65535
#define MYSQL_PORT 3306
#define SOCKET_PATH_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)

static const char *
read_socket(struct str text, const char **path)
{
	const char *why = url_decode(text, path);

	if (why != NULL)
		return why;
	if (*path == NULL || **path != '/')
		return "the URL's socket is no absolute path";
	if (strlen(*path) >= SOCKET_PATH_SIZE)
		return "the URL's socket has a path of more than 107 bytes";
	return NULL;
}

static const char *
read_login(
    const struct url_parts *parts, const char **user, const char **password)
{
	const char *why = url_decode(parts->user, user);

	return why != NULL ? why : url_decode(parts->password, password);
}

/*
 * Sets *value to that of the only known parameter; STR_NONE if the query lacks
 * it.  If name is STR_NONE, no parameter is known.  The error does not repeat
 * the name of the parameter: after a ? that should have been encoded it may be
 * the rest of a password.
 */
static const char *
cut_parameter(struct str query, struct str name, struct str *value)
{
	*value = STR_NONE;
	while (!str_is_none(query)) {
		struct str given = str_cut(&query, '&');

		if (given.len == 0)
			continue;
		if (!str_eq(str_cut(&given, '='), name) || str_is_none(given))
			return "the URL has an unknown parameter behind its ?";
		if (!str_is_none(*value))
			return "the URL has a parameter twice";
		*value = given;
	}
	return NULL;
}

static const char *
read_database_no(struct str text, int *database)
{
	int64_t value = 0;

	if (text.len > 0 && !str_to_int(text, 0, REDIS_DATABASE_MAX, &value))
		return "the URL's database is no number from 0 to 65535";
	*database = (int)value;
	return NULL;
}

static const char *
read_redis_tcp(const struct url_parts *parts, struct redis_url *url)
{
	struct str none;
	const char *why = cut_parameter(parts->query, STR_NONE, &none);

	if (why == NULL)
		why = url_read_port(parts->port, REDIS_PORT, &url->port);
	if (why == NULL)
		why = url_read_host(parts->host, &url->host);
	if (why == NULL)
		why = read_database_no(
		    str_from_byte(parts->path, 1), &url->database);
	return why;
}

static const char *
read_redis_unix(const struct url_parts *parts, struct redis_url *url)
{
	struct str database;
	const char *why = cut_parameter(parts->query, STR("db"), &database);

	if (why == NULL && (parts->host.len > 0 || !str_is_none(parts->port)))
		why = "the URL has something before the / of its path";
	if (why == NULL)
		why = read_socket(parts->path, &url->path);
	if (why == NULL)
		why = read_database_no(database, &url->database);
	url->is_unix = true;
	return why;
}

/* Reads the hosts after the first one. */
static const char *
read_other_hosts(struct str list, int fallback, struct redis_url *url)
{
	const char *why = NULL;

	while (why == NULL && !str_is_none(list)) {
		struct redis_host *other = &url->others[url->other_count];
		struct url_parts parts = { .scheme = STR_NONE };

		if (url->other_count == REDIS_HOSTS_MAX - 1)
			return "the URL names more than 9 hosts";
		url->other_count++;
		why = url_cut_host(str_cut(&list, ','), &parts);
		if (why == NULL)
			why = url_read_port(parts.port, fallback, &other->port);
		if (why == NULL)
			why = url_read_host(parts.host, &other->host);
	}
	return why;
}

static const char *
read_hosts(const struct url_parts *parts, int fallback, struct redis_url *url)
{
	struct str none;
	const char *why = cut_parameter(parts->query, STR_NONE, &none);

	if (why == NULL)
		why = url_read_port(parts->port, fallback, &url->port);
	if (why == NULL)
		why = url_read_host(parts->host, &url->host);
	if (why == NULL)
		why = read_other_hosts(parts->others, fallback, url);
	return why;
}

static const char *
read_redis_sentinel(const struct url_parts *parts, struct redis_url *url)
{
	struct str database = str_from_byte(parts->path, 1);
	struct str name = str_cut(&database, '/');
	const char *why = read_hosts(parts, SENTINEL_PORT, url);

	if (why == NULL)
		why = url_decode(name, &url->primary);
	if (why == NULL && url->primary == NULL)
		why = "the URL lacks the name of the primary: "
		      "redis+sentinel://HOST/NAME";
	if (why == NULL)
		why = read_database_no(database, &url->database);
	url->way = REDIS_SENTINEL;
	return why;
}

static const char *
read_redis_cluster(const struct url_parts *parts, struct redis_url *url)
{
	const char *why = read_hosts(parts, REDIS_PORT, url);

	if (why == NULL && parts->path.len > 1)
		why = "the URL names a database, and a Cluster has only one";
	url->way = REDIS_CLUSTER;
	return why;
}

/* The schemes of Redis URLs, with the function that reads each. */
static const struct redis_scheme {
	struct str name;
	const char *(*read)(
	    const struct url_parts *parts, struct redis_url *url);
	bool has_others; /* may name several hosts */
	bool is_tls;
} redis_schemes[] = {
	/* clang-format off */
	{ STR_INIT("redis"), read_redis_tcp, false, false },
	{ STR_INIT("rediss"), read_redis_tcp, false, true },
	{ STR_INIT("unix"), read_redis_unix, false, false },
	{ STR_INIT("redis+sentinel"), read_redis_sentinel, true, false },
	{ STR_INIT("rediss+sentinel"), read_redis_sentinel, true, true },
	{ STR_INIT("redis+cluster"), read_redis_cluster, true, false },
	{ STR_INIT("rediss+cluster"), read_redis_cluster, true, true },
	/* clang-format on */
};

static const struct redis_scheme *
find_redis_scheme(struct str name)
{
	size_t count = sizeof(redis_schemes) / sizeof(redis_schemes[0]);

	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(name, redis_schemes[i].name))
			return &redis_schemes[i];
	return NULL;
}

static const char *
read_redis(struct str text, struct redis_url *url)
{
	struct url_parts parts;
	const struct redis_scheme *scheme;
	const char *why = url_cut(text, &parts);

	if (why == NULL)
		why = read_login(&parts, &url->user, &url->password);
	if (why == NULL && url->user != NULL && url->password == NULL)
		why = "the URL has a user without a password (a password alone "
		      "is :PASSWORD@)";
	if (why != NULL)
		return why;
	scheme = find_redis_scheme(parts.scheme);
	if (scheme == NULL)
		return "the URL's scheme is unknown; use redis://, rediss://, "
		       "unix://, redis+sentinel:// or redis+cluster://";
	if (!scheme->has_others && !str_is_none(parts.others))
		return "the URL names several hosts; only redis+sentinel:// "
		       "and redis+cluster:// may";
	url->is_tls = scheme->is_tls;
	/* cppcheck-suppress returnDanglingLifetime ; it returns a literal */
	return scheme->read(&parts, url);
}

bool
url_parse_redis(const char *text, struct redis_url *url, const char **why)
{
	*url = (struct redis_url){ 0 };
	*why = read_redis(str_from(text), url);
	if (*why != NULL)
		url_free_redis(url);
	return *why == NULL;
}

static const char *
read_mysql_host(const struct url_parts *parts, struct mysql_url *url)
{
	if (url->socket == NULL || parts->host.len > 0)
		return url_read_host(parts->host, &url->host);
	url->host = strdup("localhost");
	return url->host != NULL ? NULL : url_no_memory;
}

static const char *
read_database(struct str text, const char **database)
{
	const char *why = url_decode(text, database);

	if (why == NULL && *database == NULL)
		why = "the URL names no database";
	if (why == NULL && str_has_char(text, '/'))
		why = "the URL's database has a / that is not written as %2F";
	return why;
}

static const char *
read_tls(const struct url_parameters *given, struct mysql_url *url)
{
	const char *why = url_decode(given->tls_ca, &url->tls_ca);

	url->tls = given->tls;
	if (why == NULL)
		why = url_decode(given->tls_cert, &url->tls_cert);
	if (why == NULL)
		why = url_decode(given->tls_key, &url->tls_key);
	return why;
}

/* True for the scheme of a MySQL URL; drivers have several names for it. */
static bool
is_mysql_scheme(struct str scheme)
{
	static const char *const names[] = { "mysql", "mariadb", "mysql2",
		"mysqli", "pdo-mysql", "pdo_mysql" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(scheme, str_from(names[i])))
			return true;
	return false;
}

static const char *
read_mysql(struct str text, struct mysql_url *url)
{
	struct url_parts parts;
	struct url_parameters given = { .socket = STR_NONE };
	const char *why = url_cut(text, &parts);

	if (why == NULL && !is_mysql_scheme(parts.scheme))
		why = "the URL's scheme is unknown; use mysql:// or "
		      "mariadb://";
	if (why == NULL && !str_is_none(parts.others))
		why = "the URL names several hosts";
	if (why == NULL)
		why = url_query_mysql(parts.query, &given);
	if (why == NULL)
		why = read_login(&parts, &url->user, &url->password);
	if (why == NULL)
		why = url_read_port(parts.port, MYSQL_PORT, &url->port);
	if (why == NULL && !str_is_none(given.socket))
		why = read_socket(given.socket, &url->socket);
	if (why == NULL)
		why = read_tls(&given, url);
	if (why == NULL)
		why = read_mysql_host(&parts, url);
	if (why == NULL)
		why =
		    read_database(str_from_byte(parts.path, 1), &url->database);
	return why;
}

bool
url_parse_mysql(struct str text, struct mysql_url *url, const char **why)
{
	*url = (struct mysql_url){ 0 };
	*why = read_mysql(text, url);
	if (*why != NULL)
		url_free_mysql(url);
	return *why == NULL;
}

/* Frees a part.  Parts are const only for readers of the struct. */
static void
free_part(const char *part)
{
	free((char *)part);
}

static void
free_url_secret(const char *secret)
{
	if (secret != NULL)
		explicit_bzero((char *)secret, strlen(secret));
	free_part(secret);
}

void
url_free_redis(struct redis_url *url)
{
	free_part(url->path);
	free_part(url->host);
	for (size_t i = 0; i < url->other_count; i++)
		free_part(url->others[i].host);
	free_part(url->primary);
	free_part(url->user);
	free_url_secret(url->password);
	*url = (struct redis_url){ 0 };
}

size_t
url_redis_hosts(const struct redis_url *url)
{
	return url->is_unix ? 0 : 1 + url->other_count;
}

struct redis_host
url_redis_host(const struct redis_url *url, size_t number)
{
	if (number == 0)
		return (struct redis_host){ url->host, url->port };
	return url->others[number - 1];
}

const char *
url_redis_name(const struct redis_url *url)
{
	if (url->primary != NULL)
		return url->primary;
	return url->is_unix ? url->path : url->host;
}

void
url_free_mysql(struct mysql_url *url)
{
	free_part(url->host);
	free_part(url->user);
	free_url_secret(url->password);
	free_part(url->database);
	free_part(url->socket);
	free_part(url->tls_ca);
	free_part(url->tls_cert);
	free_part(url->tls_key);
	*url = (struct mysql_url){ 0 };
}
