#ifndef APACHE_KEPT_H
#define APACHE_KEPT_H

#include <apr_pools.h>
#include <stdint.h>

/*
 * The connections of one process to one unix socket that wait for the next
 * question.  The one used last is taken first, so that no more stay open than
 * are in use.  Every function may be called by any thread.
 */
struct kept;

/*
 * Opens a store for up to max connections to the socket at path.  The pool's
 * end closes and frees all.  Call it after the fork: processes must not share a
 * connection.  NULL: no mutex can be made.
 */
struct kept *kept_open(apr_pool_t *pool, const char *path, int max);

const char *kept_path(const struct kept *kept);

/*
 * Takes a connection that was put back at most KEPT_MS ago; the caller owns it.
 * -1: there is none.  The other side may have closed it meanwhile.
 */
int kept_take(struct kept *kept, int64_t now_ms);

/* Keeps the connection for the next question, or closes it. */
void kept_put(struct kept *kept, int fd, int64_t now_ms);

/* Shorter than [server] idle (75 s), after which sessgate closes them. */
enum { KEPT_MS = 30 * 1000 };

#endif
