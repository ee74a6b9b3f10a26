#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "store/store.h"

/*
 * The JSON values in Redis, encoded from and decoded to structs.  Other
 * programs write them too (the Node application, PHP, an operator).  A decoder
 * returns false for anything it cannot read and then leaves the struct alone,
 * unless said otherwise.  Decoded texts live in the arena.  The syntax of ids
 * is not validated here.
 */
#define ROWS_TEXT_MAX (64 * 1024) /* bytes */

/* Stored in place of a login, email, name or role that is not UTF-8. */
#define ROWS_UNFIT STR("\x01")

/*
 * sess:<h>.  Absent members are omitted.  A record stored under a hash gets
 * "v":1.
 */
void rows_session_encode(
    struct buf *buf, const struct session *session, bool is_hashed);

/*
 * Decodes a record.  *has_version: the record has a member "v" of any value; it
 * is set for every JSON object, even when the result is false.  A numeric
 * userId is converted to text.  A createdAt that is not a time counts as
 * absent, and so do a login, addr or agent that are not strings: other programs
 * use these member names, too.
 */
bool rows_session_decode(struct arena *arena, struct str text,
    struct session *session, bool *has_version);

/*
 * Reads only the owner of a record, even if the rest is damaged.  False: it has
 * no valid user id, for example because another application wrote it.
 */
bool rows_session_owner(struct arena *arena, struct str text,
    struct str *user_id, bool *has_version);

/*
 * Writes the record text with the generation gen.  All other members stay as
 * they are, including those of other programs.  old is the generation in text,
 * or STR_NONE.
 */
void rows_session_set_gen(
    struct buf *buf, struct str text, struct str old, struct str gen);

/*
 * Writes a record that was stored under its token as one to be stored under the
 * token's hash: with "v":1, and with the generation gen (STR_NONE: the one that
 * it has).  All other members stay as they are.
 */
void rows_session_set_hashed(struct buf *buf, struct str text, struct str gen);

/* ugen:{<id>}.  Never writes "blocked": only rows_block_encode does. */
void rows_generation_encode(
    struct buf *buf, const struct generation *generation);

/*
 * Fills all of *generation, also if the result is false; then is_unreadable is
 * set.  A "blocked" that is not a time blocks for ever, even if the rest cannot
 * be read.
 */
bool rows_generation_decode(
    struct arena *arena, struct str text, struct generation *generation);

/*
 * The value of a blocked ugen:{<id>}: the generation, with the block.  Decoding
 * returns false, and leaves *block alone, if the text has no block.  The
 * generation in the text is decoded by rows_generation_decode.
 */
void rows_block_encode(struct buf *buf, const struct generation *generation,
    const struct account_block *block);
bool rows_block_decode(
    struct arena *arena, struct str text, struct account_block *block);

/*
 * uauth:{<id>}.  account->text is neither encoded nor decoded: the caller that
 * read the value sets it.  Unknown members are dropped.
 */
void rows_account_encode(struct buf *buf, const struct account *account);
bool rows_account_decode(
    struct arena *arena, struct str text, struct account *account);

/*
 * Splits a list of roles as SQL returns it, at commas and spaces, into *roles;
 * returns their number.  All are kept: a missing role would silently lock its
 * owner out.
 */
size_t rows_roles_split(
    struct arena *arena, struct str list, const struct str **roles);

/*
 * user:<id>: only id, name, email and image, as the Node application stores
 * them.  If user->text is set it is written unchanged.
 */
void rows_user_encode(struct buf *buf, const struct user *user);

/*
 * An upper bound of the length in bytes of what rows_user_encode writes, with
 * all characters escaped.
 */
size_t rows_user_len_max(const struct user *user);

/*
 * Decodes a row.  False also if the row has another id or the value is a lease.
 * A null member is absent.  Only id, name, email and image are set.
 */
bool rows_user_decode(
    struct arena *arena, struct str text, struct str id, struct user *user);

/* reset:<h>. */
void rows_reset_encode(struct buf *buf, const struct reset *reset);
bool rows_reset_decode(
    struct arena *arena, struct str text, struct reset *reset);

#endif
