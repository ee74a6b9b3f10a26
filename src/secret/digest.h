#ifndef DIGEST_H
#define DIGEST_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * The SHA-256 of some bytes in base64 with padding (RFC 4648, 4), 44
 * characters in the arena, as Content-Security-Policy has it.  STR_NONE where
 * OpenSSL fails.
 */
struct str digest_base64(struct arena *arena, struct str bytes);

/*
 * The SHA-1 in small hexadecimal digits, NUL-terminated, as Redis names its
 * scripts: no secret hangs on it.  False where OpenSSL has none.
 */
enum { DIGEST_SHA1_HEX_LEN = 40 };
bool digest_sha1_hex(struct str bytes, char hex[DIGEST_SHA1_HEX_LEN + 1]);

#define DIGEST_BYTES 32 /* SHA-256 */

/*
 * The first `bytes` bytes of the text's SHA-256 as base64url, in the arena.
 * Never STR_NONE: where OpenSSL fails the process exits, as arena_alloc does.
 * A fingerprint that were missing for want of memory would let in a session
 * that a change of the password has ended.
 */
struct str digest_text(struct arena *arena, struct str text, size_t bytes);

#endif
