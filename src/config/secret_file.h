#ifndef SECRET_FILE_H
#define SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The size of a buffer for a file that holds secrets. */
enum { SECRET_FILE_MAX = 8192 }; /* the longest file has one byte less */

/*
 * Reads the whole file without stdio, and drops one newline at its end.  False
 * with errno (EFBIG: too long).  The caller wipes bytes in any case.
 */
bool secret_file_read(
    const char *path, char bytes[SECRET_FILE_MAX], size_t *len);

/*
 * The secrets of [session] secret_file.  The file has one a line; blank lines
 * and lines that begin with # are ignored.  A zeroed struct has no secrets.
 */
enum { CONF_SECRETS_MAX = 8, CONF_SECRET_MIN = 32 };
struct conf_secrets {
	struct str secrets[CONF_SECRETS_MAX];
	size_t count;
	char *bytes; /* SECRET_FILE_MAX bytes, into which secrets point */
};

/*
 * Loads the file; the caller owns *secrets until secret_file_free.  False: *why
 * is a text without any part of a secret, and *secrets is unchanged.
 */
bool secret_file_load(
    const char *path, struct conf_secrets *secrets, const char **why);

/* Wipes and frees the secrets.  Accepts a zeroed struct. */
void secret_file_free(struct conf_secrets *secrets);

#endif
