#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads a whole configuration file into bytes, of which there are size, and
 * sets *len, which is less than size.  No buffer keeps a copy.  A FIFO, a pipe
 * or a device (--config /dev/stdin) is read for 5 seconds at most, since its
 * writer may never come.  False with errno: EFBIG for a longer file, ETIMEDOUT,
 * or an error of open(2) or read(2).
 */
bool file_read(const char *path, char *bytes, size_t size, size_t *len);

/* Calls file_read with new memory, which the caller frees.  NULL with errno. */
char *file_read_new(const char *path, size_t size, size_t *len);

/*
 * Takes the lock of an open file for this process (flock(2), exclusive).  False
 * with errno: EWOULDBLOCK if another holds it for wait_ms.
 */
bool file_lock(int fd, int64_t wait_ms);

#endif
