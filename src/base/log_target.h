#ifndef LOG_TARGET_H
#define LOG_TARGET_H

#include "base/log_line.h"

/*
 * Where lines go (log_open): a pipe, a terminal, a socket and the system log
 * are written to at once and without waiting; a regular file by
 * base/log_writer.h.  A line that is not taken is dropped and counted.
 */
void log_target_write(enum log_level level, struct str body);

/* Waits for at most timeout_ms until no line waits. */
void log_target_flush(int timeout_ms);

/* A line that says how many were dropped; as log_line_write. */
size_t log_target_dropped_line(
    char line[LOG_LINE_SIZE], enum log_form form, uint64_t dropped);

/* For appending, made if need be; -1 with errno. */
int log_target_open_file(const char *path);

/* A disk that was full may have left a line without its end. */
bool log_target_is_torn(const char *path);

/* `log reopened`, or `log not reopened` with the reason. */
void log_target_tell_reopened(int error);

#endif
