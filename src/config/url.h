#ifndef URL_H
#define URL_H

#include <stdbool.h>

/*
 * The addresses of the stores, in the syntax of REDIS_URL and DATABASE_URL (RFC
 * 3986; every part may be percent-encoded).  A URL that asks for something
 * unsupported (any unknown parameter) is an error; nothing is silently ignored.
 *
 * The parts are strings, NULL if absent, and belong to the struct until
 * url_free_*, which wipes passwords.  url_free_* also accepts a struct that is
 * zeroed or freed already.
 */
struct redis_url {
	bool is_unix;
	bool is_tls;	  /* rediss:// */
	const char *path; /* of the socket; with is_unix only */
	const char *host; /* a name or a numeric address, without brackets;
			     without is_unix only */
	int port;
	const char *user, *password; /* a user always has a password */
	int database;
};

struct mysql_url {
	const char *host; /* "localhost" if the URL has only a socket */
	int port;
	const char *user, *password;
	const char *database; /* never NULL */
	const char *socket;   /* the path in ?socket=, or NULL */
	/* what ?ssl-mode= asks for, as a word of [mysql] tls; constant */
	const char *tls;
	const char *tls_ca, *tls_cert, *tls_key; /* paths */
};

/*
 * Parses redis://[user[:password]@]host[:port][/database], rediss:// (the same
 * over TLS) or
 * unix://[user[:password]@]/path[?db=database].  False: *why is a constant
 * text, without any part of the URL, and *url is zeroed.
 */
bool url_parse_redis(const char *text, struct redis_url *url, const char **why);
void url_free_redis(struct redis_url *url);

/*
 * Parses mysql:// (or mariadb://, or drivers' names: mysql2, mysqli,
 * pdo-mysql)[user[:password]@]host[:port]/database[?socket=path].  Parameters
 * of other frameworks that have no effect here (charset, serverVersion, ...)
 * are ignored; those about TLS are those of the struct, or errors.  Results as
 * in url_parse_redis.
 */
bool url_parse_mysql(const char *text, struct mysql_url *url, const char **why);
void url_free_mysql(struct mysql_url *url);

/* Whether it is a host's name (letters, digits, -._) or a numeric address. */
bool url_is_host(const char *host);

#endif
