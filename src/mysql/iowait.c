/* A deadline for the client library's I/O in this thread. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>

#include "base/clock.h"
#include "mysql/iowait.h"

static _Thread_local int64_t thread_deadline_ms;
static _Thread_local bool is_connecting; /* nothing has been read yet */

void
iowait_set_deadline(int64_t deadline_ms)
{
	thread_deadline_ms = deadline_ms;
	is_connecting = deadline_ms > 0;
}

/* An address that does not answer leaves half of the time to the next one. */
static int64_t
address_deadline_ms(void)
{
	return clock_ms() + clock_left_ms(thread_deadline_ms) / 2;
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
	is_connecting = is_connecting && !is_read;
	if (is_connecting && address_deadline_ms() < until_ms)
		until_ms = address_deadline_ms();
	do {
		ready = poll(&poller, 1, clock_left_ms(until_ms));
	} while (ready < 0 && errno == EINTR);
	if (ready == 0)
		errno = ETIMEDOUT;
	return ready;
}
