#ifndef BREAKER_H
#define BREAKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "config/url.h"

/*
 * What this process believes of its Redis, shared by all links.  While the
 * breaker is open a request that needs Redis is refused at once; the keeper
 * (redis/keeper.h) probes, and closes it again.
 *
 * One log line a change of state: ready, lost, reconnecting.
 */
struct breaker;

struct breaker_options {
	const struct redis_url *url; /* outlives the breaker */
	int64_t connect_ms, command_ms;
};

/* Nobody has asked yet: who wants to know waits for the first probe.  NULL:
 * no memory. */
struct breaker *breaker_open(const struct breaker_options *options);
void breaker_close(struct breaker *breaker);

const struct breaker_options *breaker_options(const struct breaker *breaker);

/* ---- for links ---- */

/*
 * May Redis be asked?  Before the first probe has come back this waits for
 * it, until deadline_ms.
 */
bool breaker_admits(struct breaker *breaker, int64_t deadline_ms);

/* Where Redis is, as last resolved; the length, 0: not known. */
socklen_t breaker_address(
    struct breaker *breaker, struct sockaddr_storage *address);

/* The third time-out in a row opens; a refusal does at once. */
void breaker_timed_out(struct breaker *breaker);
void breaker_refused(struct breaker *breaker, const char *reason);
void breaker_succeeded(struct breaker *breaker);

/* ---- for the keeper ---- */

void breaker_set_address(struct breaker *breaker,
    const struct sockaddr_storage *address, socklen_t len);

/* What a probe came to; reason counts where it failed. */
void breaker_probed(struct breaker *breaker, bool answers, const char *reason);

/* Both wait; false: breaker_stop was called. */
bool breaker_wait_open(struct breaker *breaker);
bool breaker_wait_until(struct breaker *breaker, int64_t due_ms);
void breaker_stop(struct breaker *breaker);

#endif
