#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * [session] spool: a file of logouts that Redis could not take, for the prober
 * to repeat (redis/discovery/repeat.h).  A line is
 *
 *	v1 SITE del KEY MS CRC
 *
 * with the time of the end (ms since 1970) and the CRC-32C of all before it, in
 * hexadecimal.  Processes of one host share the file, under flock(2).  A key is
 * a hash of a token, so nobody can log in with what the file has.
 */
enum { SPOOL_MAX = 1024 * 1024, SPOOL_LINE_MAX = 512 };

/*
 * Creates the file if it is missing.  False with errno: the file cannot be
 * used.
 */
bool spool_check(const char *path);

/*
 * Tests if the file can be used, for --check-config: waits at most wait_ms for
 * its lock, and creates no file.  False with errno; EWOULDBLOCK: another
 * process holds the lock.
 */
bool spool_try(const char *path, int64_t wait_ms);

/*
 * Appends a line and syncs it.  False: nothing was written.  The file is full,
 * cannot be written, or was locked for wait_ms, which is logged; or path is
 * NULL: there is no spool.
 */
bool spool_add(
    const char *path, const char *site, struct str key, int64_t wait_ms);

/*
 * True if the file is empty or missing, or path is NULL.  Does not take the
 * lock.
 */
bool spool_is_empty(const char *path);

/*
 * Opens the file and locks it against all other openers until spool_close.
 * Returns the descriptor; -1 with errno: EWOULDBLOCK if it was locked for
 * wait_ms.
 */
int spool_open(const char *path, int64_t wait_ms);
void spool_close(int fd);

/*
 * Reads the file into bytes, which has SPOOL_MAX, and sets *len.  False with
 * errno.
 */
bool spool_read(int fd, char *bytes, size_t *len);

/* Removes all lines.  False with errno. */
bool spool_clear(int fd);

/*
 * Takes the next line from *text and sets *key, a view.  Skips lines that were
 * not written as a whole.  False: there is no further line.
 */
bool spool_next(struct str *text, struct str *key);

#endif
