#ifndef POOL_OPTIONS_H
#define POOL_OPTIONS_H

#include <stdint.h>

#include "base/str.h"
#include "config/conf.h"

/*
 * The options of a pool, and the enums that it shares with its statements and
 * links: statements, their parameters, columns of results.
 */

enum pool_statement {
	POOL_USER_BY_LOGIN, /* :login */
	POOL_USER_BY_ID,    /* :id */
	POOL_USER_STATE,    /* :id; may be empty */
	/*
	 * POOL_USER_UPDATE to POOL_CODES_UPDATE change rows.  They are
	 * prepared at first use, and may be empty.
	 */
	POOL_USER_UPDATE,     /* enum pool_update_param */
	POOL_PASSWORD_UPDATE, /* :id, :hash; :old if the SQL has it */
	POOL_TOTP_UPDATE,     /* :id, :totp; :codes if the SQL has it */
	POOL_CODES_UPDATE,    /* :id, :codes, :old */
	POOL_STATEMENTS
};

/*
 * The parameters of POOL_USER_UPDATE.  All but the first are optional in the
 * SQL; a value and its `given` ("1" or "0") must appear together.
 */
enum pool_update_param {
	POOL_UPDATE_ID,
	POOL_UPDATE_NAME,
	POOL_UPDATE_NAME_GIVEN,
	POOL_UPDATE_IMAGE,
	POOL_UPDATE_IMAGE_GIVEN,
	POOL_UPDATE_PARAMS
};

/*
 * The columns of results; the table in statement.c lists those of each
 * statement.
 */
enum pool_column {
	POOL_ID,
	POOL_LOGIN,
	POOL_NAME,
	POOL_EMAIL,
	POOL_IMAGE,
	POOL_HASH,
	POOL_ACTIVE,
	POOL_ROLES,
	POOL_TOTP,
	POOL_CODES,
	POOL_COLUMNS
};

/*
 * A row of a result.  A column is STR_NONE if it is NULL, or if the statement
 * has no such column.
 */
struct pool_row {
	struct str columns[POOL_COLUMNS];
};

/* TLS; mode is never AUTO.  "": no such file. */
struct pool_tls {
	enum conf_mysql_tls mode;
	const char *ca, *cert, *key;
};

struct pool_server {
	const char *socket; /* takes precedence over host and port */
	const char *host;
	int port; /* 0: the library's default */
	const char *password;
	struct pool_tls tls;
};

/*
 * The strings belong to the caller and must outlive the pool.  NULL means "".
 */
struct pool_options {
	/* tried in turn; if there are several, a read-only one is not used */
	struct pool_server servers[CONF_DATABASES_MAX];
	int server_count;
	const char *user, *database;
	int connections;    /* limit; the site's share of PLACE_SQL */
	int64_t timeout_ms; /* for one use, retries included */
	const char *sql[POOL_STATEMENTS]; /* with named parameters */
	const char *site;		  /* name for log lines; NULL: none */
};

enum { POOL_NAME_SIZE = 300 };

/* Writes a server's path, or HOST:PORT, for log lines. */
void pool_server_name(
    const struct pool_options *options, int server, char name[POOL_NAME_SIZE]);

/*
 * The options that one site's configuration sets; they point into conf.  sites:
 * the number of sites that share [mysql] connections.
 */
struct pool_options pool_options_of(const struct conf *conf, int sites);

#endif
