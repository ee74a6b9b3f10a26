#ifndef PARK_H
#define PARK_H

#include "fcgi/conn.h"

/* Parks connections until an event comes; they cost no thread.  See conn.h. */

/*
 * Claims a connection for its event.  True: the caller owns it now.  False:
 * another thread owns it and will read again (BUSY_MORE), or it is closed.
 */
bool park_claim(struct conn *conn);

/*
 * Claims a connection without an event.  True: it was parked, and the caller
 * owns it now.  False: it is not parked; its owner need not read again.
 */
bool park_claim_parked(struct conn *conn);

/*
 * Parks the connection until an event comes.  True: it is parked, or was
 * closed; the caller does not own it any more.  False: an event came meanwhile;
 * the caller still owns it and must read again.
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
