#ifndef FILE_H
#define FILE_H

#include <stdio.h>

/*
 * Opens a configuration file for reading.  If it is a FIFO, a pipe or a device
 * (--config /dev/stdin), its content is first copied to memory, at most 64 MiB
 * within 5 seconds, since its writer may never come.  The caller closes the
 * stream.  NULL with errno: ETIMEDOUT, EFBIG, or an error of open(2).
 */
FILE *file_open(const char *path);

#endif
