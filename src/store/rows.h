#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "store/store.h"

/*
 * The JSON texts that stand in Redis, to structs and back.  Others write them
 * too (the origin, PHP, an operator): whatever cannot be read is false, never
 * a fault, and the struct is then left alone.  Decoded texts live in the
 * arena.  Ids are not checked against the configured alphabet here.
 */
#define ROWS_TEXT_MAX (64 * 1024) /* bytes */

/* The stored form of a login, email, name or role that is no UTF-8. */
#define ROWS_UNFIT STR("\x01")

/*
 * sess:<h>.  Absent members are left out; a record stored under a hash is
 * marked with "v":1.
 */
void rows_session_encode(
    struct buf *buf, const struct session *session, bool is_hashed);

/*
 * *has_version: the record has a "v", whatever it holds; set for every JSON
 * object, even one that is false.  A numeric userId becomes its text.  A
 * createdAt that is no time counts as absent, as do login, addr and agent that
 * are no strings: other programs have members of these names, too.
 */
bool rows_session_decode(struct arena *arena, struct str text,
    struct session *session, bool *has_version);

/*
 * Whose record it is, whatever else in it can be read.  False: no user id can,
 * as in a record of another application.
 */
bool rows_session_owner(struct arena *arena, struct str text,
    struct str *user_id, bool *has_version);

/*
 * The record text with another generation: all other members stay as they
 * are, those of strangers too.  old is its generation now, or STR_NONE.
 */
void rows_session_set_gen(
    struct buf *buf, struct str text, struct str old, struct str gen);

/* ugen:{<id>}; a generation that is written is never a blocked one. */
void rows_generation_encode(
    struct buf *buf, const struct generation *generation);

/*
 * Fills all of *generation.  False: is_unreadable.  A "blocked" that is no
 * time counts as one without end, whatever else the text holds.
 */
bool rows_generation_decode(
    struct arena *arena, struct str text, struct generation *generation);

/*
 * uauth:{<id>}.  text is not a member: it is for whoever read the value.
 * Members that are not ours are not kept.
 */
void rows_account_encode(struct buf *buf, const struct account *account);
bool rows_account_decode(
    struct arena *arena, struct str text, struct account *account);

/*
 * user:<id>: only id, name, email and image, in the origin's layout.  Of a user
 * whose text is at hand that is taken as it is.
 */
void rows_user_encode(struct buf *buf, const struct user *user);

/* How long that text may be, in bytes: what escaping can make of it. */
size_t rows_user_len_max(const struct user *user);

/*
 * False also where the row is not that of id, or is a lease.  A null member is
 * absent; login, hash and was_cached are empty.
 */
bool rows_user_decode(
    struct arena *arena, struct str text, struct str id, struct user *user);

#endif
