/* Waiting for a descriptor. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "base/wait.h"

#define SHORT_WAIT_NS 200000

int
wait_fd(int fd, short events, const struct call *call)
{
	const struct timespec short_wait = { .tv_nsec = SHORT_WAIT_NS };
	struct pollfd poller = { .fd = fd, .events = events };
	int ready;

	if (ppoll(&poller, 1, &short_wait, NULL) > 0)
		return 1;
	place_before_wait(call->claims);
	do {
		int left_ms = clock_left_ms(call->deadline_ms);

		ready = poll(&poller, 1, left_ms);
		if (ready == 0 && left_ms == 0)
			return 0;
	} while (ready == 0 || (ready < 0 && errno == EINTR));
	return 1;
}
