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
	const char *name;	/* of the server, for all links; "": the host */
};

/*
 * Reads the certificates.  The options' strings outlive the result.  Ignores
 * SIGPIPE for the whole process, because OpenSSL writes with write(2).  NULL:
 * why has the reason, with the file's name.
 */
struct tls *tls_open(
    const struct tls_options *options, char *why, size_t why_size);
void tls_close(struct tls *tls); /* tls may be NULL */

/*
 * One connection.  Where a function says that link may be NULL, that is a
 * connection without TLS.
 */
struct tls_link;

/*
 * Opens TLS for a connected socket.  host is the one that was resolved.  NULL:
 * no memory.
 */
struct tls_link *tls_link_open(struct tls *tls, int fd, const char *host);

/*
 * Frees link, which may be NULL.  Sends nothing and does not close the socket.
 */
void tls_link_close(struct tls_link *link);

/*
 * Runs the handshake, until the call's deadline.  True: it is done, and the
 * server's certificate is verified unless tls_verify = off.  False: tls_why has
 * the reason; errno is ETIMEDOUT if the deadline passed, else EPROTO.
 */
MUST_CHECK bool tls_connect(
    struct tls_link *link, int fd, const struct call *call);

/*
 * Like recv(2) and send(2) with MSG_DONTWAIT; an error of TLS is EPROTO, and
 * tls_why has the reason.  link may be NULL: then they are these calls.  One
 * tls_recv reads at most one record (16 KiB): only after EAGAIN all that
 * arrived has been read.
 */
ssize_t tls_recv(struct tls_link *link, int fd, void *bytes, size_t size);
ssize_t tls_send(struct tls_link *link, int fd, const void *bytes, size_t size);

/*
 * Returns the events of poll(2) to wait for after the last call failed with
 * EAGAIN.  TLS may have to write before it can read, and the other way round.
 * link may be NULL: returns otherwise.
 */
short tls_events(const struct tls_link *link, short otherwise);

/*
 * True if OpenSSL has read bytes of a record that the caller has not got yet.
 * poll(2) does not see them.  link may be NULL: false.
 */
bool tls_has_rest(const struct tls_link *link);

/* The reason of the last failed call, as text without secrets. */
const char *tls_why(const struct tls_link *link);

/* ---- certificates that expire ---- */

enum { TLS_DATE_SIZE = 24 };

/* The protocol of the last handshake, TLSv1.3; "-": there was none. */
const char *tls_protocol(const struct tls *tls);

/*
 * Writes when the server's certificate expires, as 2027-02-01T12:00:00Z; "-" if
 * not known.
 */
void tls_expires(const struct tls *tls, char date[TLS_DATE_SIZE]);

/*
 * Returns when the first of the two certificates expires, the server's and
 * ours, as of time(2).  -1: neither date is known.
 */
int64_t tls_first_end(const struct tls *tls);

struct tls_expiry {
	const char *whose; /* "server" or "ours" */
	char date[TLS_DATE_SIZE];
	int days; /* left; negative: it has expired */
};

enum { TLS_CERTIFICATES = 2 };

/*
 * Fills in the certificates that expire within 14 days, or have expired.
 * Returns their number.
 */
size_t tls_expiring(
    const struct tls *tls, struct tls_expiry found[TLS_CERTIFICATES]);

/*
 * True once a day while tls_expiring finds a certificate.  Forgets the TLS
 * session then, so that the next handshake is a full one and sees the current
 * certificate of the server.  Called by one thread.
 */
bool tls_take_expiry_notice(struct tls *tls);

#endif
