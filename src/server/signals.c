/* Takes signals in the main thread, without handlers. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "server/signals.h"

static const int stops[] = { SIGTERM, SIGINT, SIGUSR1 };
static const int others[] = { SIGHUP, SIGUSR2, SIGCHLD };
enum {
	STOPS = sizeof(stops) / sizeof(stops[0]),
	OTHERS = sizeof(others) / sizeof(others[0])
};

static sigset_t
all_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < STOPS; i++)
		sigaddset(&set, stops[i]);
	for (size_t i = 0; i < OTHERS; i++)
		sigaddset(&set, others[i]);
	return set;
}

/*
 * SIGCHLD gets its default action: a parent may have left it ignored, and then
 * no child could be waited for.
 */
void
signals_block(void)
{
	sigset_t set = all_signals();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
}

int
signals_wait(int64_t wait_ms)
{
	const struct timespec wait = { .tv_sec = wait_ms / 1000,
		.tv_nsec = wait_ms % 1000 * 1000000 };
	sigset_t set = all_signals();
	int number;

	do {
		number = wait_ms < 0 ? sigwaitinfo(&set, NULL)
				     : sigtimedwait(&set, NULL, &wait);
	} while (number < 0 && errno == EINTR);
	return number < 0 ? 0 : number;
}

bool
signals_is_stop(int number)
{
	for (size_t i = 0; i < STOPS; i++)
		if (stops[i] == number)
			return true;
	return false;
}

bool
signals_stop_is_pending(void)
{
	sigset_t pending;

	if (sigpending(&pending) != 0)
		return false;
	for (size_t i = 0; i < STOPS; i++)
		if (sigismember(&pending, stops[i]) == 1)
			return true;
	return false;
}
