#ifndef IOWAIT_H
#define IOWAIT_H

#include <stdint.h>

/*
 * Waiting for a socket in the place of Connector/C (MARIADB_OPT_IO_WAIT).
 * The library's own time-outs are per read: a handshake that drips would
 * hold the connector for as long as the server likes.
 */

/* For all waits of this thread, clock_ms; 0: none but the time-outs. */
void iowait_set_deadline(int64_t deadline_ms);

/*
 * The library's callback: its types are my_socket, my_bool and int.  Until fd
 * can be read (or written), timeout_ms (0 or less: none) or the deadline:
 * above 0, or 0 with ETIMEDOUT, or -1 with errno.
 */
int iowait_wait(int fd, char is_read, int timeout_ms);

#endif
