#ifndef IOWAIT_H
#define IOWAIT_H

#include <stdint.h>

/*
 * Replaces the socket waits of Connector/C (MARIADB_OPT_IO_WAIT).  The
 * library's own time-outs are per read: a server that sends its handshake byte
 * by byte could hold the connector without limit.
 */

/*
 * Sets the deadline (clock_ms) of all waits in this thread; 0: none.  Until
 * something is read, a wait ends after half of the time that is left: a name
 * may have several addresses, and the library tries the next one then.
 */
void iowait_set_deadline(int64_t deadline_ms);

/*
 * The callback for the library, whose types are my_socket, my_bool and int.
 * Waits until fd is readable (or writable), for at most timeout_ms (<= 0: no
 * limit) and until the deadline.  > 0: ready; 0: errno is ETIMEDOUT; -1: errno.
 */
int iowait_wait(int fd, char is_read, int timeout_ms);

#endif
