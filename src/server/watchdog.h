#ifndef WATCHDOG_H
#define WATCHDOG_H

#include "fcgi/intake.h"
#include "server/sites.h"

/*
 * One thread that looks after deadlines which no waiting thread can keep:
 * connections that are overdue, SQL links whose statement is, log lines that
 * were throttled.
 */
struct watchdog;

/* intake and sites outlive it.  NULL with errno. */
struct watchdog *watchdog_open(struct intake *intake, struct sites *sites);

/* Stops the thread and waits for it: at most one round. */
void watchdog_close(struct watchdog *watchdog);

#endif
