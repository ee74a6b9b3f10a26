#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sends the state of this process to the service manager, as sd_notify(3) does.
 * NOTIFY_SOCKET names the socket, a path or an abstract name.  If it is unset
 * all functions do nothing.  Any thread may call them after notify_open.  A
 * message waits at most 1 s for the manager.
 */

/*
 * Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.  Not for a bridge, which
 * is not the main process.
 */
void notify_open(void);

/* True if there is a manager. */
bool notify_is_wanted(void);

/* Sends READY=1 and STATUS=, also at the end of a reload. */
void notify_ready(const char *status);

/* Sends STATUS=, a text that systemctl status shows.  Never waits. */
void notify_status(const char *status);

/* Sends RELOADING=1, with the time that Type=notify-reload needs. */
void notify_reloading(void);

/* Sends STOPPING=1. */
void notify_stopping(void);

/*
 * Sends WATCHDOG=1, unless the last one was sent less than a quarter of
 * WATCHDOG_USEC ago.  Never waits.
 */
void notify_alive(void);

/*
 * Returns WATCHDOG_USEC in milliseconds; 0: the manager does not watch this
 * process.
 */
int64_t notify_watchdog_ms(void);

#endif
