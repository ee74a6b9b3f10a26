/* Starting a thread. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "base/thread.h"

/* Signals of a defect in the thread itself: a sanitizer reports them. */
static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };

bool
thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
	sigset_t all, former;
	int error;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, &former);
	error = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &former, NULL);
	errno = error;
	return error == 0;
}
