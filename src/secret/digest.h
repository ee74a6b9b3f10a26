#ifndef DIGEST_H
#define DIGEST_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * The SHA-256 of bytes in padded base64 (RFC 4648, 4), as
 * Content-Security-Policy uses it: 44 characters in the arena.  STR_NONE if
 * OpenSSL fails.
 */
struct str digest_base64(struct arena *arena, struct str bytes);

/*
 * The SHA-1 in lower-case hexadecimal digits, NUL-terminated, as Redis names
 * its scripts.  Not for secrets.  False if OpenSSL has no SHA-1.
 */
enum { DIGEST_SHA1_HEX_LEN = 40 };
bool digest_sha1_hex(struct str bytes, char hex[DIGEST_SHA1_HEX_LEN + 1]);

/* Writes 2 * len lower-case hexadecimal digits and a NUL. */
void digest_hex(const unsigned char *bytes, size_t len, char *hex);

#define DIGEST_BYTES 32 /* SHA-256 */

/*
 * The first `bytes` bytes of the text's SHA-256 as base64url, in the arena.
 * Never STR_NONE: if OpenSSL fails the process exits, as in arena_alloc.  A
 * fingerprint that is missing for want of memory would let in a session that a
 * password change has ended.
 */
struct str digest_text(struct arena *arena, struct str text, size_t bytes);

#endif
