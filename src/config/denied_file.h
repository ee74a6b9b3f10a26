#ifndef DENIED_FILE_H
#define DENIED_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * The passwords that nobody may choose, of a file with one a line: those that
 * are guessed first, names of the site and of what it is about.
 */
struct conf_denied {
	char *bytes;
	struct str *lines; /* sorted; ASCII letters are lower case */
	size_t count;
};

enum { DENIED_FILE_MAX = 64 * 1024 * 1024 }; /* bytes */

/* False: *why says why not, and *denied is as it was. */
bool denied_file_load(
    const char *path, struct conf_denied *denied, const char **why);

/* Is it one of them, in upper or lower case? */
bool denied_file_has(const struct conf_denied *denied, struct str password);

/* Takes what is all zeroes, or freed, too. */
void denied_file_free(struct conf_denied *denied);

#endif
