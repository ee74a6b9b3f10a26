#ifndef URI_H
#define URI_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Is the path of a raw request target (RFC 9112, 3.2; REQUEST_URI) written
 * plainly?  Refused are dot segments (also as %2e), doubled slashes, slashes
 * and backslashes in disguise (%2f, %5c, \) and NUL (also as %00): with them
 * the path that a server decoded may not be the one that it checked.  The
 * query takes no part.  An absent target is clean.
 */
bool uri_target_is_clean(struct str target);

/*
 * *below: the path less the mount prefix, "" or beginning with `/`.  False,
 * and *below left alone, where the path is not the mount itself and not below
 * it.  An empty mount, or `/`, is the root.
 */
bool uri_path_below(struct str path, struct str mount, struct str *below);

#endif
