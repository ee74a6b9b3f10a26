#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * [session] spool: a file of logouts that Redis could not take, for the prober
 * to repeat (redis/where/repeat.h).  A line is
 *
 *	v1 SITE del KEY MS CRC
 *
 * with the time of the end (ms since 1970) and the CRC-32C of all before it, in
 * hexadecimal.  Processes of one host share the file, under flock(2).  A key is
 * a hash of a token, so nobody can log in with what the file has.
 */
enum { SPOOL_MAX = 1024 * 1024, SPOOL_LINE_MAX = 512 };

/* Creates the file if it is missing.  False with errno: it cannot be used. */
bool spool_check(const char *path);

/*
 * Tries for wait_ms whether it can be used, and leaves no file where there was
 * none.  False with errno; EWOULDBLOCK: another process holds its lock.
 */
bool spool_try(const char *path, int64_t wait_ms);

/*
 * Appends a line and syncs it.  False: nothing was written; the file is full,
 * cannot be written, or was locked for wait_ms; logged.  path NULL: there is no
 * spool.
 */
bool spool_add(
    const char *path, const char *site, struct str key, int64_t wait_ms);

/* Whether the file has lines, without its lock. */
bool spool_is_empty(const char *path);

/*
 * Opens the file and locks it against all others until spool_close.  Returns
 * the descriptor; -1 with errno: EWOULDBLOCK after wait_ms.
 */
int spool_open(const char *path, int64_t wait_ms);
void spool_close(int fd);

/* Reads the file into bytes, of SPOOL_MAX.  False with errno. */
bool spool_read(int fd, char *bytes, size_t *len);

/* Removes all lines.  False with errno. */
bool spool_clear(int fd);

/*
 * Takes the next line from *text and sets *key, a view.  Lines that were not
 * written whole are skipped.  False: there is none any more.
 */
bool spool_next(struct str *text, struct str *key);

#endif
