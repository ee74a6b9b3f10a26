#ifndef LOG_WRITER_H
#define LOG_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A thread that writes a log that is a regular file.  A write, open or close on
 * a network file system whose server hangs can block for ever; here it blocks
 * this thread only.  Lines wait in a buffer of fixed size, in order.  Lines
 * that the file does not accept are counted, and the count is written before
 * the next line.  A line that was cut, by this process or another, is ended
 * before the next one is written.  Whole lines are appended (O_APPEND), many
 * with one write, so processes may share a file.
 *
 * There is one writer for each target (base/log_target.h).  It never ends.
 */
struct log_writer;

/* Starts a writer that has no file yet.  NULL with errno: no thread. */
struct log_writer *log_writer_open(void);

/*
 * Directs all further lines to fd, which the writer owns from now on.  path is
 * the file that log_writer_reopen opens; empty: it opens none.
 */
void log_writer_use(struct log_writer *writer, int fd, const char *path);

/*
 * Queues a line of log_line_write.  Returns its number, or 0 if the buffer is
 * full.  Never waits for the file.
 */
uint64_t log_writer_put(struct log_writer *writer, struct str line);

/*
 * Waits until the line with this number is in the file, LOG_WRITER_WAIT_MS at
 * most.  After one caller has timed out, no other waits until the thread has
 * completed a write.
 */
enum { LOG_WRITER_WAIT_MS = 100 };
void log_writer_wait(struct log_writer *writer, uint64_t number);

/*
 * Makes the thread reopen the file after the lines queued so far, and log the
 * result.
 */
void log_writer_reopen(struct log_writer *writer);

/*
 * Waits until all lines are written.  False: deadline_ms (clock_ms) has passed.
 * writer may be NULL.
 */
bool log_writer_flush(struct log_writer *writer, int64_t deadline_ms);

#endif
