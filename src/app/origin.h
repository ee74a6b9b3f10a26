#ifndef ORIGIN_H
#define ORIGIN_H

#include <stdbool.h>

#include "app/app.h"

/*
 * Would the browser that sent this drop a Secure cookie?  It would where its
 * page (the Origin header, RFC 6454, 7) came over plain http from a host that
 * is not its own machine.
 */
bool origin_drops_secure(const struct request *request);

#endif
