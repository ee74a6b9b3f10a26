#ifndef ORIGIN_H
#define ORIGIN_H

#include <stdbool.h>

#include "app/app.h"

/* The page and the site that sent a request, by the headers of the browser. */

/*
 * True if this request may change something.
 *
 * Sec-Fetch-Site (Fetch Metadata) decides if present; otherwise Origin decides.
 * The host in Origin must be the host of the request or, if [server] origins is
 * set, be in that list; case and one trailing dot do not matter.  `same-site`
 * is refused: on shared hosting another customer may have a host of the same
 * site.  Pages of [server] allowed_origins are always accepted.
 *
 * Current browsers send one of the two headers with every write.  A request
 * without both may change something unless it is a form, since old browsers
 * send forms without them.
 */
bool origin_may_write(const struct context *c, bool is_form);

/* Returns the first of [server] origins; empty if none is set. */
struct str origin_first(const struct conf *conf);

/*
 * True if the browser hides the site that sent the request: Origin is `null`,
 * as from a page with Referrer-Policy: no-referrer, and there is no
 * Sec-Fetch-Site.
 */
bool origin_is_hidden(const struct request *request);

/*
 * Returns the path and query of an absolute URL of this site, such as Referer.
 * STR_NONE if the URL is of another site, or not http or https.
 */
struct str origin_own_target(const struct context *c, struct str url);

/*
 * Adds the CORS headers (Fetch, 3.2) that let pages of [server] allowed_origins
 * read the answer.  Never adds `*`.
 */
void origin_add_cors(struct context *c);

/*
 * Adds the CORS headers of the answer to OPTIONS.  methods is the value of
 * Access-Control-Allow-Methods.
 */
void origin_add_preflight(struct context *c, struct str methods);

/*
 * True if the request loads a page (a navigation), so that a person will read
 * its answer.
 */
bool origin_is_navigation(const struct request *request);

/*
 * True if the browser would drop a Secure cookie: its page came over plain http
 * from a host other than its own machine.
 */
bool origin_drops_secure(const struct request *request);

#endif
