#ifndef ORIGIN_H
#define ORIGIN_H

#include <stdbool.h>

#include "app/app.h"

/* Which page of which site sent a request, as its browser tells. */

/*
 * May this request change something?  Sec-Fetch-Site (Fetch Metadata) decides
 * where it came; else Origin, whose host must be the request's, or which must
 * stand in [server] origins where that is set; letters' case and one dot behind
 * a host do not count.  `same-site` is refused: on a
 * shared host the neighbour is the attacker.  [server] allowed_origins may
 * always.  Without either header no browser sent it, and it may unless it is
 * a form, which old browsers send so.
 */
bool origin_may_write(const struct context *c, bool is_form);

/*
 * The path and query of an absolute URL of this site, as Referer has it; absent
 * where it is of another site, or is no URL of http or https.
 */
struct str origin_own_target(const struct context *c, struct str url);

/*
 * The headers that let a page of [server] allowed_origins read the answer
 * (Fetch, 3.2, CORS); nothing for all others.  Never `*`.
 */
void origin_add_cors(struct context *c);

/* The same for the answer to OPTIONS: which methods it may use. */
void origin_add_preflight(struct context *c, struct str methods);

/*
 * Would the browser that sent this drop a Secure cookie?  It would where its
 * page came over plain http from a host that is not its own machine.
 */
bool origin_drops_secure(const struct request *request);

#endif
