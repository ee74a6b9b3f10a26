#ifndef WAIT_H
#define WAIT_H

#include "base/call.h"

/*
 * Waits until poll(2) reports one of events on fd, or the call's deadline has
 * passed.  Calls place_before_wait after 200 microseconds without an event.  1:
 * ready, or an error that the next read or write will return; 0: deadline.
 */
int wait_fd(int fd, short events, const struct call *call);

#endif
