#ifndef TOKEN_H
#define TOKEN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "secret/tag.h"

/*
 * Session tokens, which the cookie carries, and the names derived from them.
 * Base64url is RFC 4648, 5, without padding.
 */
#define TOKEN_LEN 43  /* of a new token: 256 bits */
#define TOKEN_MIN 16  /* of any token, also the Node application's */
#define TOKEN_MAX 256 /* bytes */
#define TOKEN_TAGGED_LEN (TOKEN_LEN + 1 + TAG_LEN)

/*
 * A new token, NUL-terminated: 256 bits of getrandom(2) as base64url.  False:
 * the kernel has no randomness, and token is unchanged.
 */
bool token_new(char token[TOKEN_LEN + 1]);

/*
 * Makes a token for a session, NUL-terminated.  With keys it ends in `.` and a
 * tag of its first 43 characters, so that a forged token is detected without
 * asking a store.  False: the kernel has no randomness.
 */
bool token_new_tagged(struct tag_keys keys, char token[TOKEN_TAGGED_LEN + 1]);

/*
 * A token that ends in `.` and a tag is genuine or forged (always forged
 * without keys); any other is untagged.
 */
enum token_standing { TOKEN_UNTAGGED, TOKEN_GENUINE, TOKEN_FORGED };
enum token_standing token_judge(struct tag_keys keys, struct str token);

/*
 * True for TOKEN_MIN to TOKEN_MAX bytes of `A-Z a-z 0-9 - _ . ~ + / =`.  Only
 * such a token may become part of a key.
 */
bool token_is_wellformed(struct str token);

/*
 * The name under which a token's session is stored: base64url of its SHA-256,
 * 43 characters in the arena.  Never STR_NONE (digest_text).
 */
struct str token_hash(struct arena *arena, struct str token);

/*
 * The public handle of a session, from the name that it is stored under (the
 * hash, or the plain token): 16 characters, base64url of SHA-256("handle" name)
 * truncated to 96 bits.  It gives no access.  Never STR_NONE.
 */
struct str token_handle(struct arena *arena, struct str name);

/*
 * The fingerprint of a stored password hash, 16 characters like a handle.  It
 * changes with the stored hash, so also when the same password is hashed anew.
 * STR_NONE only if hash is STR_NONE.
 */
struct str token_fingerprint(struct arena *arena, struct str hash);

#endif
