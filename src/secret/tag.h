#ifndef TAG_H
#define TAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Tags that prove that a value was made by sessgate: the first 128 bits of
 * HMAC-SHA256 (RFC 2104) of PURPOSE:TEXT, as 22 characters of base64url.  The
 * purpose prevents the tag of one kind of value from matching another.  If the
 * keys belong to a site, the text is SITE/PURPOSE:TEXT, so that sites may share
 * a secret and still reject each other's values.  No purpose contains a slash.
 */
#define TAG_BYTES 16
#define TAG_LEN 22
enum { TAG_TEXT_MAX = 320 }; /* bytes, including the site and its slash */

/*
 * The first key signs, every key verifies (key rotation).  There may be no key.
 */
struct tag_keys {
	const struct str *keys;
	size_t count;
	struct str site; /* whose keys they are; absent: of all sites */
};

/*
 * Makes a tag, NUL-terminated.  False: no key, or the text is too long.  If
 * OpenSSL fails, here or in tag_fits, the process exits, as in arena_alloc:
 * else a genuine token would count as forged for want of memory.
 */
bool tag_make(struct tag_keys keys, struct str purpose, struct str text,
    char tag[TAG_LEN + 1]);

/* True if one of the keys made this tag.  Compares in constant time. */
bool tag_fits(
    struct tag_keys keys, struct str purpose, struct str text, struct str tag);

/* True if tag is 22 characters of base64url. */
bool tag_is_wellformed(struct str tag);

#endif
