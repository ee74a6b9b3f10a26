#ifndef PARK_H
#define PARK_H

#include "fcgi/conn.h"

/* Connections that wait for an event cost no thread; see conn.h. */

/* Makes a parked connection the caller's, or leaves a mark for its owner. */
bool park_claim(struct conn *conn);

/* As park_claim, but leaves no mark: for who comes without an event. */
bool park_claim_parked(struct conn *conn);

/*
 * Nothing to do until an event comes.  True: the connection is parked (or
 * closed) and not the caller's any more.  False: an event has come meanwhile,
 * and the caller, still the owner, looks again.
 */
bool park_wait(struct conn_shared *shared, struct conn *conn);

/*
 * An owned connection of whose next request nothing has been read is parked
 * without another recv, unless it may_have_more: an event will tell of whatever
 * comes, behind all for whom one waits.  Where it came already and left its
 * mark, setting the events anew makes another (epoll_ctl(2)).  So nobody is
 * asked in vain, and nobody is served twice while others wait.  False: there is
 * something to go on with, or may be; it is still the caller's.
 */
bool park_last(struct conn_shared *shared, struct conn *conn);

#endif
