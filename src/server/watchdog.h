#ifndef WATCHDOG_H
#define WATCHDOG_H

#include "fcgi/intake.h"
#include "server/gauges.h"
#include "server/sites.h"

/*
 * One thread that enforces deadlines which a blocked thread cannot enforce
 * itself: it closes overdue connections, shuts the sockets of overdue SQL
 * statements, and writes the counts of throttled log lines.
 */
struct watchdog;

/* intake and sites must outlive the watchdog.  NULL with errno set. */
struct watchdog *watchdog_open(
    struct intake *intake, struct sites *sites, const struct gauges *gauges);

/* Stops and joins the thread: takes at most one round (50 ms). */
void watchdog_close(struct watchdog *watchdog);

#endif
