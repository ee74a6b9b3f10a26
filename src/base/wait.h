#ifndef WAIT_H
#define WAIT_H

#include "base/call.h"

/*
 * Waits until poll(2) reports one of events on fd, or the deadline of the call
 * has passed.  Calls place_before_wait after 200 microseconds without an event.
 * Returns 1 if fd is ready or has an error, which the next read or write
 * returns; 0 if the deadline has passed.
 */
int wait_fd(int fd, short events, const struct call *call);

#endif
