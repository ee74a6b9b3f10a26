#ifndef PARK_H
#define PARK_H

#include "fcgi/conn.h"

/* Parks connections until an event comes; they cost no thread.  See conn.h. */

/*
 * Claims a parked connection.  False: its owner will read again
 * (BUSY_MORE), or it is not open.
 */
bool park_claim(struct conn *conn);

/*
 * Claims a parked connection for a caller that has no event: the owner of one
 * that is not parked is not told to read again.
 */
bool park_claim_parked(struct conn *conn);

/*
 * Parks the connection until an event comes.  True: it is parked, or was
 * closed, and not the caller's any more.  False: an event came meanwhile; the
 * caller still owns it and must read again.
 */
bool park_wait(struct conn_shared *shared, struct conn *conn);

/*
 * Parks the connection without a recv(): the last read did not fill the buffer,
 * so edge-triggered epoll will report later bytes, and the connection queues
 * behind those already ready.  If an event came meanwhile, EPOLL_CTL_MOD makes
 * a new edge.  False: there may be more to read now; the caller still owns the
 * connection.
 */
bool park_last(struct conn_shared *shared, struct conn *conn);

#endif
