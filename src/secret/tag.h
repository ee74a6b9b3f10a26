#ifndef TAG_H
#define TAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Tags that tell what we wrote from what others made up: the first 128 bits
 * of HMAC-SHA256 (RFC 2104) of PURPOSE:TEXT, as 22 characters of base64url.
 * The purpose keeps a tag of one kind of thing from fitting another.  Where
 * keys are a site's it is SITE/PURPOSE:TEXT, so that sites may share a secret:
 * what one of them handed out is no other's.  No purpose has a slash.
 */
#define TAG_BYTES 16
#define TAG_LEN 22
enum { TAG_TEXT_MAX = 320 }; /* with the site and its slash, in bytes */

/* The first signs, all verify; none: there is nothing to sign with. */
struct tag_keys {
	const struct str *keys;
	size_t count;
	struct str site; /* whose; absent: nobody's in particular */
};

/*
 * The tag, NUL-terminated.  False: no key, or too long a text.  Where OpenSSL
 * fails the process exits, as arena_alloc does, here and in tag_fits: for want
 * of memory a genuine token would be a forged one.
 */
bool tag_make(struct tag_keys keys, struct str purpose, struct str text,
    char tag[TAG_LEN + 1]);

/* Did one of the keys make this tag?  Takes as long where it differs. */
bool tag_fits(
    struct tag_keys keys, struct str purpose, struct str text, struct str tag);

/* 22 characters of base64url: could be a tag. */
bool tag_is_wellformed(struct str tag);

#endif
