#ifndef BREAKER_H
#define BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "config/url.h"

/*
 * What this process believes of its Redis, shared by all links.  While the
 * breaker is open a request that needs Redis is refused at once; one thread
 * of its own probes, after 100 ms, doubling to 1 s, and closes it again.  It
 * alone resolves names, so that no request waits for a resolver.
 *
 * One log line a change of state: connecting, ready, lost, reconnecting.
 */
struct breaker;

struct breaker_options {
	const struct redis_url *url; /* outlives the breaker */
	int64_t connect_ms, command_ms;
};

/* Starts the thread; NULL with errno. */
struct breaker *breaker_open(const struct breaker_options *options);

/*
 * For --check-config: resolves, connects, authenticates and asks once, without
 * a thread.  False: why says what is wrong.
 */
bool breaker_try(const struct breaker_options *options, char *why, size_t size);

/* Stops the thread and waits for it: at most one probe's time-out. */
void breaker_close(struct breaker *breaker);

const struct breaker_options *breaker_options(const struct breaker *breaker);

/*
 * May Redis be asked?  At the start of the process this waits for the first
 * probe, until deadline_ms.
 */
bool breaker_admits(struct breaker *breaker, int64_t deadline_ms);

/* Where Redis is, as last resolved; the length, 0: not known. */
socklen_t breaker_address(
    struct breaker *breaker, struct sockaddr_storage *address);

/* Told by links.  The third time-out in a row opens; a refusal does at once. */
void breaker_timed_out(struct breaker *breaker);
void breaker_refused(struct breaker *breaker, const char *reason);
void breaker_succeeded(struct breaker *breaker);

#endif
