/* A deadline for the client library's I/O in this thread. */
#include "config.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "mysql/iowait.h"

static _Thread_local int64_t thread_deadline_ms;

void
iowait_set_deadline(int64_t deadline_ms)
{
	thread_deadline_ms = deadline_ms;
}

int
iowait_wait(int fd, char is_read, int timeout_ms)
{
	struct pollfd poller = { .fd = fd,
		.events = is_read ? POLLIN : POLLOUT };
	int64_t until_ms = INT64_MAX;
	int ready;

	if (timeout_ms > 0)
		until_ms = clock_ms() + timeout_ms;
	if (thread_deadline_ms > 0 && thread_deadline_ms < until_ms)
		until_ms = thread_deadline_ms;
	do {
		ready = poll(&poller, 1, clock_left_ms(until_ms));
	} while (ready < 0 && errno == EINTR);
	if (ready == 0)
		errno = ETIMEDOUT;
	return ready;
}
