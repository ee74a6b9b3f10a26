#ifndef SECRET_FILE_H
#define SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Files that hold secrets, and nothing of them in a stdio buffer. */
enum { SECRET_FILE_MAX = 8192 }; /* bytes, less one */

/*
 * Reads the whole file, without one newline at its end.  False with errno
 * (EFBIG: longer than that); the caller wipes bytes either way.
 */
bool secret_file_read(
    const char *path, char bytes[SECRET_FILE_MAX], size_t *len);

/*
 * Secrets, one a line; blank lines and lines that begin with # are none.  All
 * zeroes is none at all.
 */
enum { CONF_SECRETS_MAX = 8, CONF_SECRET_MIN = 32 };
struct conf_secrets {
	struct str secrets[CONF_SECRETS_MAX];
	size_t count;
	char *bytes; /* SECRET_FILE_MAX, what they point into */
};

/* False: *why is words without any part of a secret, *secrets untouched. */
bool secret_file_load(
    const char *path, struct conf_secrets *secrets, const char **why);

/* Wipes and frees; takes all zeroes, too. */
void secret_file_free(struct conf_secrets *secrets);

#endif
