/* TLS to Redis: certificates, sessions, and the bytes of one connection. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/wait.h"
#include "redis/wire/tls.h"
#include "redis/wire/tls_why.h"

enum { WHY_SIZE = 160, HOST_SIZE = 256, DAY_S = 24 * 3600, NOTICE_DAYS = 14 };

struct tls {
	struct tls_options options;
	SSL_CTX *context;
	_Atomic int64_t server_end, own_end; /* time(2); 0: not known */
	_Atomic(const char *) protocol;	     /* a constant text */
	int64_t due_ms; /* clock_ms of the next notice; used by one thread */

	pthread_mutex_t lock;	      /* guards all below */
	SSL_SESSION *session;	      /* the one to resume, or NULL */
	char session_host[HOST_SIZE]; /* the host that it was verified for */
};

struct tls_link {
	struct tls *tls;
	SSL *ssl;
	const char *name; /* the name that the certificate must have */
	char host[HOST_SIZE];
	short events;	  /* events that the last EAGAIN waits for */
	bool is_unproved; /* it resumes a session; no data arrived yet */
	char why[WHY_SIZE];
};

/* ---- what all links share ---- */

static void
forget_session(struct tls *tls)
{
	SSL_SESSION *session;

	pthread_mutex_lock(&tls->lock);
	session = tls->session;
	tls->session = NULL;
	pthread_mutex_unlock(&tls->lock);
	SSL_SESSION_free(session);
}

/* The callback for a new session.  Returns 1: it keeps the reference. */
static int
keep_tls_session(SSL *ssl, SSL_SESSION *session)
{
	const struct tls_link *link = SSL_get_app_data(ssl);
	struct tls *tls = link->tls;
	SSL_SESSION *former;

	pthread_mutex_lock(&tls->lock);
	former = tls->session;
	tls->session = session;
	memcpy(tls->session_host, link->host, sizeof(tls->session_host));
	pthread_mutex_unlock(&tls->lock);
	SSL_SESSION_free(former);
	return 1;
}

/* The callback for a key's passphrase.  Fails: nobody can be asked. */
static int
have_no_passphrase(char *text, int size, int is_writing, void *arg)
{
	(void)text, (void)size, (void)is_writing, (void)arg;
	return -1;
}

static bool
file_failed(const char *option, const char *path, char *why, size_t size)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	snprintf(why, size, "%s %s: %s", option, path,
	    reason != NULL ? reason : "no PEM file");
	return false;
}

static bool
load_authorities(const struct tls *tls, char *why, size_t size)
{
	const char *path = tls->options.ca;

	if (path[0] == '\0')
		return SSL_CTX_set_default_verify_paths(tls->context) == 1;
	return SSL_CTX_load_verify_file(tls->context, path) == 1 ||
	       file_failed("tls_ca", path, why, size);
}

/* Loads our certificate and key, if the options name them. */
static bool
load_own(struct tls *tls, char *why, size_t size)
{
	const struct tls_options *options = &tls->options;
	SSL_CTX *context = tls->context;

	if (options->cert[0] == '\0')
		return true;
	if (SSL_CTX_use_certificate_chain_file(context, options->cert) != 1)
		return file_failed("tls_cert", options->cert, why, size);
	if (SSL_CTX_use_PrivateKey_file(
		context, options->key, SSL_FILETYPE_PEM) != 1)
		return file_failed("tls_key", options->key, why, size);
	atomic_store(
	    &tls->own_end, tls_why_end(SSL_CTX_get0_certificate(context)));
	return true;
}

static void
prepare_context(struct tls *tls)
{
	SSL_CTX *context = tls->context;

	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF |
					 SSL_OP_CLEANSE_PLAINTEXT |
					 SSL_OP_NO_RENEGOTIATION);
	/* never read_ahead: poll(2) would not see whole records */
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_RELEASE_BUFFERS |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(
	    context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, keep_tls_session);
	SSL_CTX_set_default_passwd_cb(context, have_no_passphrase);
}

struct tls *
tls_open(const struct tls_options *options, char *why, size_t why_size)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	snprintf(why, why_size, "no memory");
	if (tls == NULL)
		return NULL;
	signal(SIGPIPE, SIG_IGN);
	tls->options = *options;
	tls->protocol = "-";
	pthread_mutex_init(&tls->lock, NULL);
	ERR_clear_error();
	tls->context = SSL_CTX_new(TLS_client_method());
	if (tls->context != NULL) {
		prepare_context(tls);
		if (load_authorities(tls, why, why_size) &&
		    load_own(tls, why, why_size))
			return tls;
	}
	tls_close(tls);
	return NULL;
}

void
tls_close(struct tls *tls)
{
	if (tls == NULL)
		return;
	forget_session(tls);
	SSL_CTX_free(tls->context);
	pthread_mutex_destroy(&tls->lock);
	free(tls);
}

/* ---- one connection ---- */

/* The callback for each certificate of a chain.  Notes the first error. */
static int
verify_certificate(int is_good, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(
	    store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_link *link = SSL_get_app_data(ssl);

	if (!is_good && link->why[0] == '\0')
		tls_why_certificate(
		    store, link->name, link->why, sizeof(link->why));
	return is_good;
}

static bool
is_address(const char *name)
{
	unsigned char address[16];

	return inet_pton(AF_INET, name, address) == 1 ||
	       inet_pton(AF_INET6, name, address) == 1;
}

/* Sets the name that is sent and that the certificate must have. */
static bool
set_name(const struct tls_link *link)
{
	enum conf_redis_tls_verify mode = link->tls->options.verify;
	bool is_numeric = is_address(link->name);
	X509_VERIFY_PARAM *param = SSL_get0_param(link->ssl);

	SSL_set_verify(link->ssl,
	    mode == CONF_TLS_VERIFY_OFF ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
	    mode == CONF_TLS_VERIFY_OFF ? NULL : verify_certificate);
	if (!is_numeric && SSL_set_tlsext_host_name(link->ssl, link->name) != 1)
		return false;
	if (mode != CONF_TLS_VERIFY_FULL)
		return true;
	SSL_set_hostflags(link->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return is_numeric
		   ? X509_VERIFY_PARAM_set1_ip_asc(param, link->name) == 1
		   : SSL_set1_host(link->ssl, link->name) == 1;
}

/* Offers the kept session, but only to the host that it was verified for. */
static void
offer_session(struct tls_link *link)
{
	struct tls *tls = link->tls;

	pthread_mutex_lock(&tls->lock);
	if (tls->session != NULL && strcmp(tls->session_host, link->host) == 0)
		link->is_unproved =
		    SSL_set_session(link->ssl, tls->session) == 1;
	pthread_mutex_unlock(&tls->lock);
}

struct tls_link *
tls_link_open(struct tls *tls, int fd, const char *host)
{
	struct tls_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	ERR_clear_error();
	link->tls = tls;
	link->events = POLLIN;
	snprintf(link->host, sizeof(link->host), "%s", host);
	link->name =
	    tls->options.name[0] != '\0' ? tls->options.name : link->host;
	link->ssl = SSL_new(tls->context);
	if (link->ssl == NULL || SSL_set_app_data(link->ssl, link) != 1 ||
	    SSL_set_fd(link->ssl, fd) != 1 || !set_name(link)) {
		tls_link_close(link);
		return NULL;
	}
	SSL_set_connect_state(link->ssl);
	offer_session(link);
	return link;
}

/*
 * Forgets the session if the server sent no data after resuming it: it may be
 * unable to resume.
 */
void
tls_link_close(struct tls_link *link)
{
	if (link == NULL)
		return;
	if (link->is_unproved)
		forget_session(link->tls);
	SSL_set_quiet_shutdown(link->ssl, 1);
	SSL_free(link->ssl);
	free(link);
}

/* Clears the errors of earlier calls, before each call of OpenSSL. */
static void
begin(struct tls_link *link)
{
	ERR_clear_error();
	link->why[0] = '\0';
	errno = 0;
}

/*
 * Translates the failure of a call of OpenSSL: 0 for the end of the stream,
 * else -1 with errno.
 */
static ssize_t
outcome(struct tls_link *link, int returned)
{
	int broken = errno;

	switch (SSL_get_error(link->ssl, returned)) {
	case SSL_ERROR_WANT_READ:
		link->events = POLLIN;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_WANT_WRITE:
		link->events = POLLOUT;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		if (broken == 0)
			return 0;
		snprintf(link->why, sizeof(link->why), "%s", strerror(broken));
		errno = broken;
		return -1;
	default:
		if (link->why[0] == '\0')
			tls_why_queue(link->why, sizeof(link->why));
		errno = EPROTO;
		return -1;
	}
}

static void
note_handshake(struct tls_link *link)
{
	const X509 *certificate = SSL_get0_peer_certificate(link->ssl);
	struct tls *tls = link->tls;

	atomic_store(&tls->protocol, SSL_get_version(link->ssl));
	if (certificate != NULL)
		atomic_store(&tls->server_end, tls_why_end(certificate));
}

/*
 * A port without TLS takes our first bytes for a part of a command, waits for
 * the rest and sends nothing.
 */
static bool
handshake_late(struct tls_link *link)
{
	snprintf(link->why, sizeof(link->why), "time-out of TLS%s",
	    BIO_number_read(SSL_get_rbio(link->ssl)) > 0
		? ""
		: ": is this a TLS port?");
	errno = ETIMEDOUT;
	return false;
}

static bool
handshake_failed(struct tls_link *link, bool is_end)
{
	if (is_end)
		snprintf(link->why, sizeof(link->why),
		    "it closed the connection in the handshake");
	errno = EPROTO;
	return false;
}

bool
tls_connect(struct tls_link *link, int fd, const struct call *call)
{
	for (;;) {
		ssize_t failed;
		int returned;

		begin(link);
		returned = SSL_do_handshake(link->ssl);
		if (returned == 1)
			break;
		failed = outcome(link, returned);
		if (failed == 0 || errno != EAGAIN)
			return handshake_failed(link, failed == 0);
		if (wait_fd(fd, link->events, call) == 0)
			return handshake_late(link);
	}
	note_handshake(link);
	return true;
}

ssize_t
tls_recv(struct tls_link *link, int fd, void *bytes, size_t size)
{
	int got;

	if (link == NULL)
		return recv(fd, bytes, size, MSG_DONTWAIT);
	begin(link);
	got = SSL_read(link->ssl, bytes, (int)size);
	if (got <= 0)
		return outcome(link, got);
	link->is_unproved = false;
	return got;
}

ssize_t
tls_send(struct tls_link *link, int fd, const void *bytes, size_t size)
{
	ssize_t sent;

	if (link == NULL)
		return send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	begin(link);
	sent =
	    SSL_write(link->ssl, bytes, size > INT_MAX ? INT_MAX : (int)size);
	if (sent > 0)
		return sent;
	sent = outcome(link, (int)sent);
	if (sent == 0)
		errno = EPIPE;
	return -1;
}

short
tls_events(const struct tls_link *link, short otherwise)
{
	return link != NULL ? link->events : otherwise;
}

/* SSL_has_pending does not count the five bytes that begin a record. */
bool
tls_has_rest(const struct tls_link *link)
{
	return link != NULL &&
	       (SSL_has_pending(link->ssl) == 1 ||
		   strcmp(SSL_rstate_string(link->ssl), "RB") == 0);
}

const char *
tls_why(const struct tls_link *link)
{
	return link->why;
}

/* ---- certificates that expire ---- */

const char *
tls_protocol(const struct tls *tls)
{
	return atomic_load(&tls->protocol);
}

void
tls_expires(const struct tls *tls, char date[TLS_DATE_SIZE])
{
	int64_t end = atomic_load(&tls->server_end);

	snprintf(date, TLS_DATE_SIZE, "-");
	if (end != 0)
		tls_why_date((time_t)end, date, TLS_DATE_SIZE);
}

int64_t
tls_first_end(const struct tls *tls)
{
	int64_t server = atomic_load(&tls->server_end);
	int64_t own = atomic_load(&tls->own_end);

	if (server == 0 || own == 0)
		return server + own > 0 ? server + own : -1;
	return server < own ? server : own;
}

size_t
tls_expiring(const struct tls *tls, struct tls_expiry found[TLS_CERTIFICATES])
{
	const int64_t ends[TLS_CERTIFICATES] = { atomic_load(&tls->server_end),
		atomic_load(&tls->own_end) };
	static const char *const whose[TLS_CERTIFICATES] = { "server", "ours" };
	int64_t now = time(NULL);
	size_t count = 0;

	for (size_t i = 0; i < TLS_CERTIFICATES; i++) {
		if (ends[i] == 0 || ends[i] - now > NOTICE_DAYS * DAY_S)
			continue;
		found[count].whose = whose[i];
		found[count].days = (int)((ends[i] - now) / DAY_S);
		tls_why_date(
		    (time_t)ends[i], found[count++].date, TLS_DATE_SIZE);
	}
	return count;
}

bool
tls_take_expiry_notice(struct tls *tls)
{
	struct tls_expiry found[TLS_CERTIFICATES];

	if (clock_ms() < tls->due_ms || tls_expiring(tls, found) == 0)
		return false;
	tls->due_ms = clock_ms() + DAY_S * INT64_C(1000);
	forget_session(tls);
	return true;
}
