#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/call.h"
#include "base/result.h"
#include "config/conf.h"

/*
 * TLS to Redis, below redis/wire/wire.c.  With redis/wire/tls_why.c the only
 * user of libssl.  The sockets are non-blocking.  Only tls_connect waits; for
 * the rest wire.c waits for what tls_events returns.
 *
 * struct tls is what all links of a process share: the certificates, the
 * session to resume, and the dates at which certificates expire.  Any thread
 * may use it; a link belongs to one thread at a time.
 */
struct tls;

struct tls_options {
	bool is_used; /* false: no TLS at all */
	enum conf_redis_tls_verify verify;
	const char *ca;		/* file; "": the system's store */
	const char *cert, *key; /* files of our certificate; "": none */
	const char *name;	/* of the server, for all links; "": its host */
};

/*
 * Reads the certificates.  The options' strings outlive the result.  Ignores
 * SIGPIPE for the whole process, because OpenSSL writes with write(2).  NULL:
 * why has the reason, with the file's name.
 */
struct tls *tls_open(
    const struct tls_options *options, char *why, size_t why_size);
void tls_close(struct tls *tls); /* accepts NULL */

/* One connection.  Accepted as NULL, for a connection without TLS: see below.
 */
struct tls_link;

/* For a connected socket; host: as in the URL.  NULL: no memory. */
struct tls_link *tls_link_open(struct tls *tls, int fd, const char *host);

/* Sends nothing and does not close the socket.  Accepts NULL. */
void tls_link_close(struct tls_link *link);

/*
 * Runs the handshake, until the call's deadline.  True: the server's
 * certificate is verified.  False: see tls_why; errno is ETIMEDOUT if time was
 * all that it lacked.
 */
MUST_CHECK bool tls_connect(
    struct tls_link *link, int fd, const struct call *call);

/*
 * Like recv(2) and send(2) with MSG_DONTWAIT, but EPROTO: see tls_why.  Without
 * TLS (link NULL) they are these calls.  One tls_recv reads at most one record
 * (16 KiB): only one that returns EAGAIN has read all that arrived.
 */
ssize_t tls_recv(struct tls_link *link, int fd, void *bytes, size_t size);
ssize_t tls_send(struct tls_link *link, int fd, const void *bytes, size_t size);

/*
 * The events of poll(2) that the last call with EAGAIN needs: not always those
 * of its own direction.  Without TLS otherwise.
 */
short tls_events(const struct tls_link *link, short otherwise);

/*
 * Whether a part of a record was read that the socket does not hold any more:
 * poll(2) does not know of it.  False without TLS.
 */
bool tls_has_rest(const struct tls_link *link);

/* Why the last call failed, as text without secrets. */
const char *tls_why(const struct tls_link *link);

/* ---- certificates that expire ---- */

enum { TLS_DATE_SIZE = 24 };

/* The protocol of the last handshake, TLSv1.3; "-": there was none. */
const char *tls_protocol(const struct tls *tls);

/* The end of the server's certificate, 2027-02-01T12:00:00Z; or "-". */
void tls_expires(const struct tls *tls, char date[TLS_DATE_SIZE]);

/* The first of the ends of the server's and our certificate, by time(2); -1. */
int64_t tls_first_end(const struct tls *tls);

struct tls_expiry {
	const char *whose; /* "server" or "ours" */
	char date[TLS_DATE_SIZE];
	int days; /* left; negative: it has expired */
};

enum { TLS_CERTIFICATES = 2 };

/* Fills in the certificates that expire within 14 days; their number. */
size_t tls_expiring(
    const struct tls *tls, struct tls_expiry found[TLS_CERTIFICATES]);

/*
 * True once a day while tls_expiring finds something, for one thread.  The next
 * handshake is a full one then, so that it sees the server's present
 * certificate.
 */
bool tls_is_expiry_due(struct tls *tls);

#endif
