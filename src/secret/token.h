#ifndef TOKEN_H
#define TOKEN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "secret/tag.h"

/*
 * Session tokens: what the cookie carries, and the names derived from one.
 * Base64url is RFC 4648, 5, without padding.
 */
#define TOKEN_LEN 43  /* of ours: 256 bits */
#define TOKEN_MIN 16  /* of anybody's, the origin's included */
#define TOKEN_MAX 256 /* bytes */
#define TOKEN_TAGGED_LEN (TOKEN_LEN + 1 + TAG_LEN)

/*
 * A new token, NUL-terminated: 256 bits of getrandom(2) as base64url.  False
 * where the kernel has no randomness to give; token is then untouched.
 */
bool token_new(char token[TOKEN_LEN + 1]);

/*
 * The same for a session: with keys it carries `.` and a tag over the 43
 * characters, so that a forged one is told from ours without asking a store.
 */
bool token_new_tagged(struct tag_keys keys, char token[TOKEN_TAGGED_LEN + 1]);

/* A token that ends in `.` and a tag is genuine or forged, any other bare. */
enum token_standing { TOKEN_UNTAGGED, TOKEN_GENUINE, TOKEN_FORGED };
enum token_standing token_judge(struct tag_keys keys, struct str token);

/*
 * TOKEN_MIN to TOKEN_MAX bytes of `A-Z a-z 0-9 - _ . ~ + / =`: only such a
 * token may become part of a key.
 */
bool token_is_wellformed(struct str token);

/*
 * The name under which a token's session is stored: base64url of its SHA-256,
 * 43 characters in the arena.  STR_NONE where OpenSSL fails.
 */
struct str token_hash(struct arena *arena, struct str token);

/*
 * The public handle of a session, from the name that it is stored under (the
 * hash, or the plain token): 16 characters of base64url SHA-256("handle" name).
 * It opens nothing.  STR_NONE likewise.
 */
struct str token_handle(struct arena *arena, struct str name);

/*
 * The fingerprint of a password's stored form, in the same shape: another
 * password, or the same one stored anew, has another.  STR_NONE of STR_NONE,
 * and likewise.
 */
struct str token_fingerprint(struct arena *arena, struct str hash);

#endif
