/*
 * Parsing the URLs of Redis and MySQL.  A URL may hold a password, so errors
 * are constant texts.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"
#include "config/url.h"
#include "config/url_query.h"

#define REDIS_PORT 6379
#define REDIS_DATABASE_MAX 65535
#define MYSQL_PORT 3306
#define SOCKET_PATH_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)

static const char no_memory[] = "the URL does not fit into memory";

/* A URL split at its delimiters, not decoded.  Absent parts are STR_NONE. */
struct parts {
	struct str scheme, user, password, host, port, path, query;
};

static struct str
head(struct str s, const char *end)
{
	return (struct str){ s.ptr, (size_t)(end - s.ptr) };
}

/*
 * Removes user[:password]@ from the authority.  An unencoded @ in the password
 * is accepted.
 */
static void
cut_userinfo(struct str *authority, struct parts *parts)
{
	const char *at = authority->len > 0
			     ? memrchr(authority->ptr, '@', authority->len)
			     : NULL;
	struct str rest;

	if (at == NULL)
		return;
	rest = head(*authority, at);
	*authority = str_from_byte(*authority, rest.len + 1);
	parts->user = str_cut(&rest, ':');
	parts->password = rest;
}

/* Splits host[:port] or [address][:port]. */
static const char *
cut_host(struct str authority, struct parts *parts)
{
	if (str_starts(authority, STR("["))) {
		struct str rest = str_from_byte(authority, 1);

		parts->host = str_cut(&rest, ']');
		if (str_is_none(rest))
			return "the URL has a [ without a ] in its host";
		if (rest.len > 0 && rest.ptr[0] != ':')
			return "the URL has something between ] and the port";
		parts->port = rest.len > 0 ? str_from_byte(rest, 1) : STR_NONE;
		return NULL;
	}
	parts->host = str_cut(&authority, ':');
	parts->port = authority;
	return NULL;
}

static const char *
cut_url(struct str text, struct parts *parts)
{
	struct str authority;
	size_t len = 0;

	*parts = (struct parts){ .scheme = str_cut(&text, ':') };
	if (!str_starts(text, STR("//")))
		return "the URL does not begin with SCHEME://";
	text = str_from_byte(text, 2);
	if (str_has_char(text, '#'))
		return "the URL has a # that is not written as %23";
	parts->query = text;
	text = str_cut(&parts->query, '?');
	while (len < text.len && text.ptr[len] != '/')
		len++;
	authority = (struct str){ text.ptr, len };
	parts->path = str_from_byte(text, len);
	cut_userinfo(&authority, parts);
	return cut_host(authority, parts);
}

/*
 * Returns the byte at *ptr and moves *ptr past it; -1: a malformed escape or
 * %00.
 */
static int
decode_byte(const char **ptr, const char *end)
{
	struct str rest = { *ptr, (size_t)(end - *ptr) };
	int byte = str_percent_byte(rest);

	if (rest.ptr[0] != '%') {
		(*ptr)++;
		return (unsigned char)rest.ptr[0];
	}
	*ptr += byte > 0 ? 3 : 0;
	return byte > 0 ? byte : -1;
}

/*
 * Decodes part into a new string; NULL if it is empty or absent.  Returns NULL
 * or the error.
 */
static const char *
decode_part(struct str part, const char **out)
{
	const char *p = part.ptr;
	size_t len = 0;
	char *copy;

	*out = NULL;
	if (part.len == 0)
		return NULL;
	copy = malloc(part.len + 1);
	if (copy == NULL)
		return no_memory;
	while (p < part.ptr + part.len) {
		int byte = decode_byte(&p, part.ptr + part.len);

		if (byte < 0) {
			explicit_bzero(copy, len);
			free(copy);
			return "the URL has a % without two hexadecimal "
			       "digits, or %00";
		}
		copy[len++] = (char)byte;
	}
	copy[len] = '\0';
	*out = copy;
	return NULL;
}

static const char *
read_port(struct str text, int fallback, int *port)
{
	int64_t value = fallback;

	if (!str_is_none(text) && !str_to_int(text, 1, 65535, &value))
		return "the URL's port is no number from 1 to 65535 (a / or ? "
		       "in a password is written as %2F or %3F)";
	*port = (int)value;
	return NULL;
}

bool
url_is_host(const char *host)
{
	unsigned char address[16];

	if (strchr(host, ':') != NULL)
		return inet_pton(AF_INET6, host, address) == 1;
	return str_only(str_from(host), STR_LETTERS STR_DIGITS "-._");
}

static const char *
read_url_host(struct str text, const char **host)
{
	const char *why = decode_part(text, host);

	if (why != NULL)
		return why;
	if (*host == NULL)
		return "the URL names no host";
	if (!url_is_host(*host))
		return "the URL's host is neither a name nor an address";
	return NULL;
}

static const char *
read_socket(struct str text, const char **path)
{
	const char *why = decode_part(text, path);

	if (why != NULL)
		return why;
	if (*path == NULL || **path != '/')
		return "the URL's socket is no absolute path";
	if (strlen(*path) >= SOCKET_PATH_SIZE)
		return "the URL's socket has a path of more than 107 bytes";
	return NULL;
}

static const char *
read_login(const struct parts *parts, const char **user, const char **password)
{
	const char *why = decode_part(parts->user, user);

	return why != NULL ? why : decode_part(parts->password, password);
}

/*
 * *value: that of the only known parameter (an absent name: there is none);
 * STR_NONE if the query lacks it.  The error does not repeat the parameter's
 * name: after a ? that should have been encoded it may be the rest of a
 * password.
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
read_redis_tcp(const struct parts *parts, struct redis_url *url)
{
	struct str none;
	const char *why = cut_parameter(parts->query, STR_NONE, &none);

	if (why == NULL)
		why = read_port(parts->port, REDIS_PORT, &url->port);
	if (why == NULL)
		why = read_url_host(parts->host, &url->host);
	if (why == NULL)
		why = read_database_no(
		    str_from_byte(parts->path, 1), &url->database);
	return why;
}

static const char *
read_redis_unix(const struct parts *parts, struct redis_url *url)
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

static const char *
read_redis(struct str text, struct redis_url *url)
{
	struct parts parts;
	const char *why = cut_url(text, &parts);

	if (why == NULL)
		why = read_login(&parts, &url->user, &url->password);
	if (why == NULL && url->user != NULL && url->password == NULL)
		why = "the URL has a user without a password (a password alone "
		      "is :PASSWORD@)";
	if (why != NULL)
		return why;
	url->is_tls = str_eq_nocase(parts.scheme, STR("rediss"));
	if (url->is_tls || str_eq_nocase(parts.scheme, STR("redis")))
		return read_redis_tcp(&parts, url);
	if (str_eq_nocase(parts.scheme, STR("unix")))
		return read_redis_unix(&parts, url);
	return "the URL's scheme is unknown; use redis://, rediss:// or "
	       "unix://";
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
read_mysql_host(const struct parts *parts, struct mysql_url *url)
{
	if (url->socket == NULL || parts->host.len > 0)
		return read_url_host(parts->host, &url->host);
	url->host = strdup("localhost");
	return url->host != NULL ? NULL : no_memory;
}

static const char *
read_database(struct str text, const char **database)
{
	const char *why = decode_part(text, database);

	if (why == NULL && *database == NULL)
		why = "the URL names no database";
	if (why == NULL && str_has_char(text, '/'))
		why = "the URL's database has a / that is not written as %2F";
	return why;
}

static const char *
read_tls(const struct url_parameters *given, struct mysql_url *url)
{
	const char *why = decode_part(given->tls_ca, &url->tls_ca);

	url->tls = given->tls;
	if (why == NULL)
		why = decode_part(given->tls_cert, &url->tls_cert);
	if (why == NULL)
		why = decode_part(given->tls_key, &url->tls_key);
	return why;
}

/* Drivers have several names for this server and protocol. */
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
	struct parts parts;
	struct url_parameters given = { .socket = STR_NONE };
	const char *why = cut_url(text, &parts);

	if (why == NULL && !is_mysql_scheme(parts.scheme))
		why = "the URL's scheme is unknown; use mysql:// or "
		      "mariadb://";
	if (why == NULL)
		why = url_query_mysql(parts.query, &given);
	if (why == NULL)
		why = read_login(&parts, &url->user, &url->password);
	if (why == NULL)
		why = read_port(parts.port, MYSQL_PORT, &url->port);
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
url_parse_mysql(const char *text, struct mysql_url *url, const char **why)
{
	*url = (struct mysql_url){ 0 };
	*why = read_mysql(str_from(text), url);
	if (*why != NULL)
		url_free_mysql(url);
	return *why == NULL;
}

/* The parts are const only for readers of the struct. */
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
	free_part(url->user);
	free_url_secret(url->password);
	*url = (struct redis_url){ 0 };
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
