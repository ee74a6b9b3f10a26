#ifndef DENIED_FILE_H
#define DENIED_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * The passwords that users may not choose: frequently used ones, and names
 * related to the site.  The file has one password a line.
 */
struct conf_denied {
	char *bytes;
	struct str *lines; /* sorted, ignoring the case of A-Z */
	size_t count;
};

enum { DENIED_FILE_MAX = 64 * 1024 * 1024 }; /* bytes */

/*
 * Loads the file; the caller owns *denied until denied_file_free.  False: *why
 * is the reason, and *denied is unchanged.
 */
bool denied_file_load(
    const char *path, struct conf_denied *denied, const char **why);

/* True if password is in the list, ignoring the case of A-Z. */
bool denied_file_has(const struct conf_denied *denied, struct str password);

/* Frees the list.  Accepts one that is zeroed or freed already. */
void denied_file_free(struct conf_denied *denied);

#endif
