/* Waiting for a descriptor, with a hook before long waits. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "base/wait.h"

#define SHORT_WAIT_NS 200000

static _Thread_local struct {
	void (*yield)(void *);
	void *arg;
} hook;

void
wait_set_hook(void (*yield)(void *), void *arg)
{
	hook.yield = yield;
	hook.arg = arg;
}

void
wait_yield(void)
{
	if (hook.yield != NULL)
		hook.yield(hook.arg);
}

int
wait_fd(int fd, short events, int64_t deadline_ms)
{
	const struct timespec short_wait = { .tv_nsec = SHORT_WAIT_NS };
	struct pollfd poller = { .fd = fd, .events = events };
	int ready;

	if (ppoll(&poller, 1, &short_wait, NULL) > 0)
		return 1;
	wait_yield();
	do {
		int left_ms = clock_left_ms(deadline_ms);

		ready = poll(&poller, 1, left_ms);
		if (ready == 0 && left_ms == 0)
			return 0;
	} while (ready == 0 || (ready < 0 && errno == EINTR));
	return 1;
}
