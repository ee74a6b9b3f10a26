#ifndef LOG_WRITER_H
#define LOG_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The thread that writes to a log which is a regular file.  A write, open or
 * close on a file system whose server hangs can take for ever; here it holds
 * this thread and nobody else.  Lines wait in a buffer of fixed size, in their
 * order.  Lines of which the file does not take all are counted, and the count
 * is told before the next ones.  Whole lines are appended (O_APPEND), many with
 * one write, so processes may share a file.
 *
 * One per process; it is never ended.
 */

/*
 * From the next line on lines go to fd, which becomes the writer's own.  path:
 * where log_writer_reopen opens it anew; empty: it does not.  is_torn: the file
 * ends with half a line.  False with errno: there is no thread, fd stays the
 * caller's.
 */
bool log_writer_use(int fd, const char *path, bool is_torn);

/*
 * Takes a line of log_line_write for the thread.  Returns its number, 0 where
 * there is no room for it.  Never waits for the file.
 */
uint64_t log_writer_put(struct str line);

/*
 * Waits until that line was written, so that it stands in the file before the
 * caller goes on, for LOG_WRITER_WAIT_MS at most.  Once that has passed for one
 * caller, nobody waits until the thread has written again.
 */
enum { LOG_WRITER_WAIT_MS = 100 };
void log_writer_wait(uint64_t number);

/* Has the thread open the file anew, behind the lines so far, and say so. */
void log_writer_reopen(void);

/* Waits until all lines were written; false: not until deadline_ms. */
bool log_writer_flush(int64_t deadline_ms);

#endif
