#ifndef DIGEST_H
#define DIGEST_H

#include "base/arena.h"
#include "base/str.h"

/*
 * The SHA-256 of some bytes in base64 with padding (RFC 4648, 4), 44
 * characters in the arena, as Content-Security-Policy has it.  STR_NONE where
 * OpenSSL fails.
 */
struct str digest_base64(struct arena *arena, struct str bytes);

#endif
