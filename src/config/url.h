#ifndef URL_H
#define URL_H

#include <stdbool.h>

/*
 * The addresses of the stores, as REDIS_URL and DATABASE_URL have them
 * (RFC 3986; every part may be percent-encoded).  What a URL asks for and is
 * not built in (TLS, any unknown parameter) is an error, never left out.
 *
 * The parts are strings of their own, NULL where absent, and belong to the
 * struct until url_free_*, which wipes passwords and takes a struct that is
 * all zeroes, or freed, too.
 */
struct redis_url {
	bool is_unix;
	const char
	    *path; /* of the socket; only with is_unix, as host only without */
	const char *host; /* a name or a numeric address, without brackets */
	int port;
	const char *user, *password; /* no user without a password */
	int database;
};

struct mysql_url {
	const char *host; /* "localhost" where only a socket is named */
	int port;
	const char *user, *password;
	const char *database; /* always there */
	const char *socket;   /* its path, from ?socket= */
};

/*
 * redis://[user[:password]@]host[:port][/database] or
 * unix://[user[:password]@]/path[?db=database].
 * False: *why is fixed words, without any part of the URL in it, and *url
 * is all zeroes.
 */
bool url_parse_redis(const char *text, struct redis_url *url, const char **why);
void url_free_redis(struct redis_url *url);

/*
 * mysql:// (or mariadb://, and what drivers call it: mysql2, mysqli,
 * pdo-mysql)[user[:password]@]host[:port]/database[?socket=path].
 * Parameters of other frameworks that change nothing here (charset,
 * serverVersion, ...) are passed over; those that ask for TLS are errors.
 * Results as above.
 */
bool url_parse_mysql(const char *text, struct mysql_url *url, const char **why);
void url_free_mysql(struct mysql_url *url);

#endif
