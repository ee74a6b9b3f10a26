#ifndef WAIT_H
#define WAIT_H

#include "base/call.h"

/*
 * Waits until one of poll(2)'s events shows on fd or the call's deadline has
 * passed; calls place_before_wait once 200 microseconds brought nothing.
 * 1: ready (or an error that the next read or write returns); 0: deadline.
 */
int wait_fd(int fd, short events, const struct call *call);

#endif
