#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Tells the service manager about this process, as sd_notify(3) does: to the
 * socket in NOTIFY_SOCKET, a path or an abstract one.  Without it all functions
 * do nothing.  Any thread may call them after notify_open.
 */

/*
 * Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.  Not for a bridge, which
 * is not the main process.
 */
void notify_open(void);

/* True if there is a manager. */
bool notify_is_wanted(void);

/* READY=1 and STATUS=; also ends what notify_reloading began. */
void notify_ready(const char *status);

/* STATUS= alone, as systemctl status shows it. */
void notify_status(const char *status);

/* RELOADING=1, with the time that Type=notify-reload wants. */
void notify_reloading(void);

void notify_stopping(void);

/*
 * WATCHDOG=1, which is due twice within WATCHDOG_USEC; a call too early sends
 * nothing.  Never waits.
 */
void notify_alive(void);

/* WATCHDOG_USEC in milliseconds; 0: no watchdog is there. */
int64_t notify_watchdog_ms(void);

#endif
