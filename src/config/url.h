#ifndef URL_H
#define URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * The addresses of the stores, in the syntax of REDIS_URL and DATABASE_URL (RFC
 * 3986; every part may be percent-encoded).  A URL that asks for something
 * unsupported is an error, and so is an unknown parameter.
 *
 * The parts are strings, NULL if absent.  The struct owns them until
 * url_free_*, which wipes passwords.  url_free_* also accepts a struct that is
 * zeroed or freed already.
 */
enum redis_way {
	REDIS_DIRECT,	/* the URL names the server */
	REDIS_SENTINEL, /* the URL names Sentinels, which name the server */
	REDIS_CLUSTER	/* the URL names nodes of a Cluster */
};

enum { REDIS_HOSTS_MAX = 9 };

struct redis_host {
	const char *host; /* a name or a numeric address, without brackets */
	int port;
};

struct redis_url {
	enum redis_way way;
	bool is_unix;
	bool is_tls;	  /* the scheme begins with rediss */
	const char *path; /* path of the socket; only with is_unix */
	const char *host; /* the first host; only without is_unix */
	int port;
	/* The further hosts; only with REDIS_SENTINEL and REDIS_CLUSTER. */
	struct redis_host others[REDIS_HOSTS_MAX - 1];
	size_t other_count;
	/*
	 * The name of the primary at its Sentinels; only with REDIS_SENTINEL.
	 */
	const char *primary;
	const char *user, *password; /* a URL with a user also has a password */
	int database;
};

struct mysql_url {
	const char *host; /* "localhost" if the URL has only a socket */
	int port;
	const char *user, *password;
	const char *database; /* never NULL */
	const char *socket;   /* the path in ?socket=, or NULL */
	/*
	 * The meaning of ?ssl-mode=, as a word of [mysql] tls; a constant, or
	 * NULL.
	 */
	const char *tls;
	const char *tls_ca, *tls_cert, *tls_key; /* paths of files */
};

/*
 * Parses one of
 *	redis://[user[:password]@]host[:port][/database]
 *	rediss://, the same over TLS
 *	unix://[user[:password]@]/path[?db=database]
 *	redis+sentinel://[user:password@]host[:port][,host[:port]..]/name[/database]
 *	redis+cluster://[user:password@]host[:port][,host[:port]..]
 *	rediss+sentinel:// and rediss+cluster://, the same over TLS
 * User and password are those of the servers, not of the Sentinels.  False:
 * *why is a constant text, without any part of the URL, and *url is zeroed.
 */
bool url_parse_redis(const char *text, struct redis_url *url, const char **why);
void url_free_redis(struct redis_url *url);

/* Return the number of hosts in the URL (0 for unix), and one of them. */
size_t url_redis_hosts(const struct redis_url *url);
struct redis_host url_redis_host(const struct redis_url *url, size_t number);

/*
 * Returns the name of the server for log lines: the path, the name at the
 * Sentinels, or the first host.  The URL owns it.  NULL: the URL is zeroed.
 */
const char *url_redis_name(const struct redis_url *url);

/*
 * Parses mysql://[user[:password]@]host[:port]/database[?socket=path].  The
 * scheme may also be mariadb, or that of a driver: mysql2, mysqli, pdo-mysql.
 * Parameters of other frameworks that have no effect here (charset,
 * serverVersion, ...) are ignored.  Parameters about TLS set the fields of the
 * struct, or are errors.  The results are those of url_parse_redis.
 */
bool url_parse_mysql(struct str text, struct mysql_url *url, const char **why);
void url_free_mysql(struct mysql_url *url);

#endif
