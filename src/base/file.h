#ifndef FILE_H
#define FILE_H

#include <stdio.h>

/*
 * Opens a file of the configuration for reading.  Where it is a FIFO, a pipe or
 * a device (--config /dev/stdin), its content is read to the end first, 64 MiB
 * at most, within 5 seconds: nobody may ever write there.  The caller closes
 * it.  NULL with errno: ETIMEDOUT, EFBIG, or what open(2) said.
 */
FILE *file_open(const char *path);

#endif
