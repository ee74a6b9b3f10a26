#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads a whole configuration file into bytes, a buffer of `size` bytes, and
 * sets *len, which is less than size.  It does not use stdio, so that no other
 * buffer keeps a copy of a secret.  A FIFO, a pipe or a device (--config
 * /dev/stdin) is read for at most 5 seconds, since it may have no writer.
 * False with errno: EFBIG for a longer file, ETIMEDOUT, or an error of open(2)
 * or read(2).
 */
bool file_read(const char *path, char *bytes, size_t size, size_t *len);

/*
 * file_read into new memory of `size` bytes, which the caller frees.  NULL with
 * errno.
 */
char *file_read_new(const char *path, size_t size, size_t *len);

/*
 * Takes the exclusive lock of an open file (flock(2)).  False with errno:
 * EWOULDBLOCK if another process still holds it after wait_ms.
 */
bool file_lock(int fd, int64_t wait_ms);

#endif
