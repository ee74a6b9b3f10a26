#ifndef DIAL_H
#define DIAL_H

#include "redis/wire/tls.h"
#include "redis/wire/wire.h"

/*
 * Opens a socket to Redis, with TLS if the URL says so, until the call's
 * deadline.  DONE: the caller closes *tls (NULL: without TLS), then *fd.  Else
 * too, if *fd is not -1; why has the reason.
 */
MUST_CHECK enum wire_verdict dial(struct breaker *breaker,
    const struct call *call, const struct where *where, int *fd,
    struct tls_link **tls, char why[WIRE_WHY_MAX]);

#endif
