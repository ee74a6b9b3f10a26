#ifndef DIAL_H
#define DIAL_H

#include "redis/wire/tls.h"
#include "redis/wire/wire.h"

/*
 * Opens a socket to Redis, with TLS if the URL says so, until the call's
 * deadline.  The caller sets *fd to -1 and *tls to NULL before.  After any
 * result it closes *tls, if not NULL, and then *fd, if not -1.  If the result
 * is not DONE, why has the reason.
 */
MUST_CHECK enum wire_verdict dial(struct breaker *breaker,
    const struct call *call, const struct server_address *address, int *fd,
    struct tls_link **tls, char why[WIRE_WHY_MAX]);

#endif
