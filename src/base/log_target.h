#ifndef LOG_TARGET_H
#define LOG_TARGET_H

#include "base/log_line.h"

/*
 * The two logs.  Without a target of its own the audit trail goes to the
 * events.
 */
enum log_which { LOG_OF_EVENTS, LOG_OF_AUDIT, LOGS };

/*
 * Writes one line to the target of log_open or log_open_audit.  Does not wait
 * for a pipe, a terminal, a socket or the system log; a regular file is written
 * through base/log_writer.h.  A line that the target does not accept is dropped
 * and counted.
 */
void log_target_write(
    enum log_which which, enum log_level level, struct str body);

/* True if log_open_audit has given the audit trail a target of its own. */
bool log_target_has_audit(void);

/* Waits until the writer threads have written all lines, at most timeout_ms. */
void log_target_flush(int timeout_ms);

/*
 * Opens path for appending, creating it if needed.  A FIFO needs no reader:
 * lines stay in it as far as it has space.  Returns the descriptor; -1 with
 * errno.
 */
int log_target_open_file(const char *path);

/*
 * Logs `log reopened`, or `log not reopened` with the reason.  path is that of
 * a file; empty: the standard error output.  error is an errno, 0 for success.
 */
void log_target_log_reopened(const char *path, int error);

#endif
