#ifndef LOG_TARGET_H
#define LOG_TARGET_H

#include "base/log_line.h"

/*
 * Writes one line to the target of log_open: without waiting to a pipe, a
 * terminal, a socket and the system log; through base/log_writer.h to a regular
 * file.  A line that the target does not accept is dropped and counted.
 */
void log_target_write(enum log_level level, struct str body);

/* Waits until the writer thread has written all lines, at most timeout_ms. */
void log_target_flush(int timeout_ms);

/* The `log lines dropped` line, in the layout of log_line_write; its length. */
size_t log_target_dropped_line(
    char line[LOG_LINE_SIZE], enum log_layout layout, uint64_t dropped);

/* Opens path for appending, creating it if needed.  -1 with errno. */
int log_target_open_file(const char *path);

/* True if the file ends without a newline, as a full disk leaves it. */
bool log_target_is_torn(const char *path);

/*
 * Logs `log reopened`, or `log not reopened` with the reason.  error: an errno,
 * 0 for success.
 */
void log_target_log_reopened(int error);

#endif
