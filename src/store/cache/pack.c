/*
 * Flat encoding of the stores' structs.  A table for each struct names its
 * members once, for both directions.
 */
#include "config.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "store/cache/pack.h"

enum kind { KIND_END, KIND_BOOL, KIND_NUMBER, KIND_TEXT };

struct field {
	size_t offset;
	enum kind kind;
};

/* clang-format off */
#define KIND_OF(value) \
	_Generic((value), bool: KIND_BOOL, int64_t: KIND_NUMBER, \
	    struct str: KIND_TEXT)
#define FIELD(type, member) \
	{ offsetof(type, member), KIND_OF(((type *)NULL)->member) }
/* clang-format on */

static const struct field session_fields[] = {
	FIELD(struct session_facts, is_hashed),
	FIELD(struct session_facts, ttl_ms),
	FIELD(struct session_facts, seen_ms),
	FIELD(struct session_facts, now_ms),
	FIELD(struct session_facts, handle),
	FIELD(struct session_facts, text),
	FIELD(struct session_facts, session.created_ms),
	FIELD(struct session_facts, session.expires_ms),
	FIELD(struct session_facts, session.user_id),
	FIELD(struct session_facts, session.login),
	FIELD(struct session_facts, session.gen),
	FIELD(struct session_facts, session.pw),
	FIELD(struct session_facts, session.addr),
	FIELD(struct session_facts, session.agent),
	FIELD(struct session_facts, session.has_otp),
	{ .kind = KIND_END },
};

static const struct field generation_fields[] = {
	FIELD(struct generation, ended_ms),
	FIELD(struct generation, blocked_ms),
	FIELD(struct generation, is_unreadable),
	FIELD(struct generation, gen),
	FIELD(struct generation, text),
	{ .kind = KIND_END },
};

/* The roles follow these fields. */
static const struct field account_fields[] = {
	FIELD(struct account, is_known),
	FIELD(struct account, at_ms),
	FIELD(struct account, asking_ms),
	FIELD(struct account, is_active),
	FIELD(struct account, login),
	FIELD(struct account, email),
	FIELD(struct account, name),
	FIELD(struct account, pw),
	FIELD(struct account, text),
	{ .kind = KIND_END },
};

static const struct field user_fields[] = {
	FIELD(struct user, was_cached),
	FIELD(struct user, ttl_ms),
	FIELD(struct user, id),
	FIELD(struct user, login),
	FIELD(struct user, name),
	FIELD(struct user, email),
	FIELD(struct user, image),
	FIELD(struct user, text),
	{ .kind = KIND_END },
};

/* A new member needs a row above, or its name in pack.h as not packed. */
#if SIZE_MAX == UINT64_MAX
_Static_assert(sizeof(struct session) == 3 * 8 + 6 * 16, "struct session");
_Static_assert(
    sizeof(struct generation) == 3 * 8 + 2 * 16, "struct generation");
_Static_assert(sizeof(struct account) == 6 * 8 + 5 * 16, "struct account");
_Static_assert(sizeof(struct session_facts) ==
		   sizeof(struct session) + sizeof(struct generation) +
		       sizeof(struct account) + 4 * 8 + 3 * 16,
    "struct session_facts");
_Static_assert(sizeof(struct user) == 9 * 16 + 2 * 8, "struct user");
#endif

#define ABSENT INT64_C(-1)

static void
put_int(struct buf *buf, int64_t number)
{
	buf_add(buf, (struct str){ (const char *)&number, sizeof(number) });
}

static void
put_text(struct buf *buf, struct str text)
{
	put_int(buf, str_is_none(text) ? ABSENT : (int64_t)text.len);
	buf_add(buf, text);
}

static struct str
finish(const struct buf *buf)
{
	return buf->is_full ? STR_NONE : buf_str(buf);
}

static int64_t
take_int(struct str *rest)
{
	int64_t number;

	assert(rest->len >= sizeof(number));
	memcpy(&number, rest->ptr, sizeof(number));
	rest->ptr += sizeof(number);
	rest->len -= sizeof(number);
	return number;
}

/*
 * Reads one text and moves *rest past it.  Inline, since a hit reads about
 * twenty.
 */
static inline struct str
take_text(struct str *rest)
{
	int64_t len = take_int(rest);
	struct str text = { rest->ptr, (size_t)len };

	if (len == ABSENT)
		return STR_NONE;
	assert(text.len <= rest->len);
	rest->ptr += text.len;
	rest->len -= text.len;
	return text;
}

static void
put_fields(struct buf *buf, const struct field *field, const void *from)
{
	for (; field->kind != KIND_END; field++) {
		const void *at = (const char *)from + field->offset;

		if (field->kind == KIND_TEXT)
			put_text(buf, *(const struct str *)at);
		else if (field->kind == KIND_NUMBER)
			put_int(buf, *(const int64_t *)at);
		else
			put_int(buf, *(const bool *)at);
	}
}

/* Fills the fields of *to from packed.  Returns the rest of packed. */
static struct str
take_fields(struct str packed, const struct field *field, void *to)
{
	for (; field->kind != KIND_END; field++) {
		void *at = (char *)to + field->offset;

		if (field->kind == KIND_TEXT)
			*(struct str *)at = take_text(&packed);
		else if (field->kind == KIND_NUMBER)
			*(int64_t *)at = take_int(&packed);
		else
			*(bool *)at = take_int(&packed) != 0;
	}
	return packed;
}

struct str
pack_session(
    struct arena *arena, const struct session_facts *facts, int64_t answered_ms)
{
	struct buf buf = buf_open(arena, PACK_MAX);

	put_int(&buf, answered_ms);
	put_fields(&buf, session_fields, facts);
	return finish(&buf);
}

void
unpack_session(
    struct str packed, struct session_facts *facts, int64_t *answered_ms)
{
	*answered_ms = take_int(&packed);
	(void)take_fields(packed, session_fields, facts);
}

struct str
pack_generation(struct arena *arena, const struct generation *generation)
{
	struct buf buf = buf_open(arena, PACK_MAX);

	put_fields(&buf, generation_fields, generation);
	return finish(&buf);
}

void
unpack_generation(struct str packed, struct generation *generation)
{
	(void)take_fields(packed, generation_fields, generation);
}

struct str
pack_account(struct arena *arena, const struct account *account)
{
	struct buf buf = buf_open(arena, PACK_MAX);

	put_fields(&buf, account_fields, account);
	put_int(&buf, (int64_t)account->role_count);
	for (size_t i = 0; i < account->role_count; i++)
		put_text(&buf, account->roles[i]);
	return finish(&buf);
}

void
unpack_account(struct arena *arena, struct str packed, struct account *account)
{
	struct str *roles;

	packed = take_fields(packed, account_fields, account);
	account->role_count = (size_t)take_int(&packed);
	roles = arena_alloc(arena, account->role_count * sizeof(roles[0]));
	for (size_t i = 0; i < account->role_count; i++)
		roles[i] = take_text(&packed);
	account->roles = roles;
}

struct str
pack_user(struct arena *arena, const struct user *user)
{
	struct buf buf = buf_open(arena, PACK_MAX);

	put_fields(&buf, user_fields, user);
	return finish(&buf);
}

void
unpack_user(struct str packed, struct user *user)
{
	(void)take_fields(packed, user_fields, user);
	user->hash = user->totp = user->recovery = STR_NONE;
}
