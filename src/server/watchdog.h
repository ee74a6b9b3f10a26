#ifndef WATCHDOG_H
#define WATCHDOG_H

#include "fcgi/intake.h"
#include "server/gauges.h"
#include "server/sites.h"
#include "server/worker.h"

/*
 * One thread that enforces deadlines which a blocked thread cannot enforce
 * itself: it closes overdue connections, shuts the sockets of overdue SQL
 * statements, and writes the counts of throttled log lines.  It sets the gauges
 * (server/gauges.h), and tells the service manager that the workers make
 * progress, and which stores answer (server/notify.h).
 */
struct watchdog;

struct watchdog_options {
	/* all that is pointed to must outlive the watchdog */
	struct intake *intake;
	struct sites *sites;
	struct gauges gauges;
	int64_t deadline_ms; /* [server] deadline */
};

/* Starts the thread.  NULL: no memory or no thread. */
struct watchdog *watchdog_open(const struct watchdog_options *options);

/*
 * Begins to watch the workers, which must outlive the watchdog.  Call it once,
 * after they were started.  WATCHDOG=1 is not sent in a round in which one of
 * them has been in a request for too long, and none has ended a request since
 * the last round.
 */
void watchdog_watch_workers(
    struct watchdog *watchdog, const struct worker *workers, int count);

/* Stops and joins the thread: takes at most one round (50 ms). */
void watchdog_close(struct watchdog *watchdog);

#endif
