#ifndef LOG_SYSLOG_H
#define LOG_SYSLOG_H

#include <stdbool.h>

/*
 * Connects to the system log as syslog(3) does: a datagram socket, or a stream
 * if it is one (*is_stream).  Does not wait.  -1 with errno.
 */
int log_syslog_open(bool *is_stream);

#endif
