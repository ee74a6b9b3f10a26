#ifndef LOG_SYSLOG_H
#define LOG_SYSLOG_H

#include <stdbool.h>

/*
 * Connects to the system log as syslog(3) does: to a datagram socket or, with
 * *is_stream set, to a stream socket.  Does not wait.  Returns the descriptor;
 * -1 with errno.
 */
int log_syslog_open(bool *is_stream);

#endif
