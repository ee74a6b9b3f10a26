/* TLS to MySQL, by the options of each client library. */
#include "config.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "mysql/sql_tls.h"

enum { TLS_ERROR = 2026 }; /* CR_SSL_CONNECTION_ERROR */

/* The reason why verify() refused this thread's last connect, or NULL. */
static _Thread_local const char *refusal;

static void
set_file(MYSQL *mysql, enum mysql_option option, const char *path)
{
	if (path != NULL && path[0] != '\0')
		mysql_options(mysql, option, path);
}

#if defined(HAVE_DECL_MYSQL_OPT_SSL_MODE) && HAVE_DECL_MYSQL_OPT_SSL_MODE
/*
 * Oracle's library has a constant for each mode.  It does not know where the
 * system's certificate authorities are, so it is given their folder.
 */
static void
set_mode(MYSQL *mysql, const struct pool_server *server)
{
	const struct pool_tls *tls = &server->tls;
	static const unsigned modes[] = {
		[CONF_MYSQL_TLS_OFF] = SSL_MODE_DISABLED,
		[CONF_MYSQL_TLS_REQUIRED] = SSL_MODE_REQUIRED,
		[CONF_MYSQL_TLS_VERIFY_CA] = SSL_MODE_VERIFY_CA,
		[CONF_MYSQL_TLS_VERIFY] = SSL_MODE_VERIFY_IDENTITY,
	};
	unsigned mode = modes[tls->mode];

	if (tls->mode == CONF_MYSQL_TLS_VERIFY && tls->ca[0] == '\0')
		mysql_options(mysql, MYSQL_OPT_SSL_CAPATH, "/etc/ssl/certs");
	mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode);
}
#else

#if defined(HAVE_DECL_MARIADB_OPT_TLS_VERIFICATION_CALLBACK) && \
    HAVE_DECL_MARIADB_OPT_TLS_VERIFICATION_CALLBACK
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/*
 * Connector/C 3.4 by itself does not compare the name of a server on this
 * machine, accepts an unknown authority if the server knows the password's
 * hash, and has no mode verify-ca.  So verify() below decides in its place.
 */
enum {
	BAD_CHAIN = MARIADB_TLS_VERIFY_TRUST | MARIADB_TLS_VERIFY_PERIOD |
		    MARIADB_TLS_VERIFY_REVOKED | MARIADB_TLS_VERIFY_UNKNOWN |
		    MARIADB_TLS_VERIFY_ERROR
};

/* The server that this thread connects to; verify() gets no pointer to it. */
static _Thread_local struct {
	MYSQL *mysql;
	const char *host; /* NULL: any name will do */
} connecting;

/*
 * The first members of MARIADB_TLS, whose header includes headers that are not
 * installed.
 */
struct tls_handle {
	void *data, *pvio;
	SSL *ssl;
};

static bool
is_named(const SSL *ssl, const char *host)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);

	return certificate != NULL &&
	       (X509_check_host(certificate, host, 0, 0, NULL) == 1 ||
		   X509_check_ip_asc(certificate, host, 0) == 1);
}

/*
 * Callback of the library: 0 accepts the server, 1 refuses it.  The handshake
 * has set tls_verify_status for the chain.  VERIFY_UNKNOWN there keeps the
 * library from going on after a 1.
 */
static int
verify(void *ctls, unsigned flags)
{
	const struct tls_handle *handle = ctls;
	unsigned char *status = &connecting.mysql->net.tls_verify_status;
	bool is_bad = (*status & BAD_CHAIN) != 0;

	(void)flags;
	refusal = is_bad ? "TLS: no trusted authority has signed the server's "
			   "certificate, or it has expired"
			 : "TLS: the server's certificate is for another name";
	if (!is_bad && (connecting.host == NULL ||
			   is_named(handle->ssl, connecting.host))) {
		refusal = NULL;
		return 0;
	}
	*status |= MARIADB_TLS_VERIFY_UNKNOWN;
	return 1;
}

/* verify() needs OpenSSL: with another TLS library Connector/C decides. */
static bool
set_verification(MYSQL *mysql, const struct pool_server *server)
{
	const char *library = NULL;

	connecting.mysql = mysql;
	connecting.host =
	    server->tls.mode == CONF_MYSQL_TLS_VERIFY ? server->host : NULL;
	if (mariadb_get_infov(mysql, MARIADB_TLS_LIBRARY, &library) == 0 &&
	    library != NULL && strncmp(library, "OpenSSL", 7) == 0)
		mysql_optionsv(mysql, MARIADB_OPT_TLS_VERIFICATION_CALLBACK,
		    (void *)verify);
	return true;
}
#else
/* Connector/C 3.3 verifies the chain whenever it knows authorities. */
static bool
set_verification(MYSQL *mysql, const struct pool_server *server)
{
	(void)mysql;
	return server->tls.mode == CONF_MYSQL_TLS_VERIFY;
}
#endif

static void
set_mode(MYSQL *mysql, const struct pool_server *server)
{
	enum conf_mysql_tls mode = server->tls.mode;
	my_bool is_on = mode != CONF_MYSQL_TLS_OFF;
	my_bool is_verified =
	    mode >= CONF_MYSQL_TLS_VERIFY_CA && set_verification(mysql, server);

	mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &is_on);
	mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &is_verified);
}
#endif

void
sql_tls_set(MYSQL *mysql, const struct pool_server *server)
{
	const struct pool_tls *tls = &server->tls;

	refusal = NULL;
	if (tls->mode != CONF_MYSQL_TLS_OFF) {
		set_file(mysql, MYSQL_OPT_SSL_CA, tls->ca);
		set_file(mysql, MYSQL_OPT_SSL_CERT, tls->cert);
		set_file(mysql, MYSQL_OPT_SSL_KEY, tls->key);
	}
	set_mode(mysql, server);
}

/* Adds the name that the certificate must have: the library does not say it. */
static void
explain(MYSQL *mysql, const struct pool_server *server, struct sql_error *error)
{
	size_t len;

	if (refusal != NULL)
		snprintf(error->text, sizeof(error->text), "%s", refusal);
	len = strlen(error->text);
	if ((refusal != NULL || mysql_errno(mysql) == TLS_ERROR) &&
	    server->tls.mode == CONF_MYSQL_TLS_VERIFY)
		snprintf(error->text + len, sizeof(error->text) - len,
		    " (the certificate must be for %s)", server->host);
}

bool
sql_tls_check(MYSQL *mysql, bool is_open, const struct pool_server *server,
    struct sql_error *error)
{
	if (!is_open) {
		explain(mysql, server, error);
		return false;
	}
	if (server->tls.mode == CONF_MYSQL_TLS_OFF ||
	    mysql_get_ssl_cipher(mysql) != NULL)
		return true;
	snprintf(error->text, sizeof(error->text),
	    "the server offers no TLS, which [mysql] tls asks for");
	return false;
}
