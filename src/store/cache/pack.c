/* Flat encoding of the stores' structs. */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "store/cache/pack.h"

/* A new member must be packed, or named in pack.h as not packed. */
#if SIZE_MAX == UINT64_MAX
_Static_assert(sizeof(struct session) == 2 * 8 + 6 * 16, "struct session");
_Static_assert(
    sizeof(struct generation) == 3 * 8 + 2 * 16, "struct generation");
_Static_assert(sizeof(struct account) == 6 * 8 + 5 * 16, "struct account");
_Static_assert(sizeof(struct session_facts) ==
		   sizeof(struct session) + sizeof(struct generation) +
		       sizeof(struct account) + 4 * 8 + 3 * 16,
    "struct session_facts");
_Static_assert(sizeof(struct user) == 7 * 16 + 2 * 8, "struct user");
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
	*rest = str_from_byte(*rest, sizeof(number));
	return number;
}

/* Inline: a hit reads about twenty texts. */
static inline struct str
take_text(struct str *rest)
{
	int64_t len = take_int(rest);
	struct str text = { rest->ptr, (size_t)len };

	if (len == ABSENT)
		return STR_NONE;
	assert(text.len <= rest->len);
	*rest = str_from_byte(*rest, text.len);
	return text;
}

struct str
pack_session(
    struct arena *arena, const struct session_facts *facts, int64_t answered_ms)
{
	const struct session *session = &facts->session;
	struct buf buf = buf_open(arena, PACK_MAX);

	put_int(&buf, answered_ms);
	put_int(&buf, facts->is_hashed);
	put_int(&buf, facts->ttl_ms);
	put_int(&buf, facts->seen_ms);
	put_int(&buf, facts->now_ms);
	put_int(&buf, session->created_ms);
	put_int(&buf, session->expires_ms);
	put_text(&buf, facts->handle);
	put_text(&buf, facts->text);
	put_text(&buf, session->user_id);
	put_text(&buf, session->login);
	put_text(&buf, session->gen);
	put_text(&buf, session->pw);
	put_text(&buf, session->addr);
	put_text(&buf, session->agent);
	return finish(&buf);
}

void
unpack_session(
    struct str packed, struct session_facts *facts, int64_t *answered_ms)
{
	struct session *session = &facts->session;

	*answered_ms = take_int(&packed);
	facts->is_hashed = take_int(&packed) != 0;
	facts->ttl_ms = take_int(&packed);
	facts->seen_ms = take_int(&packed);
	facts->now_ms = take_int(&packed);
	session->created_ms = take_int(&packed);
	session->expires_ms = take_int(&packed);
	facts->handle = take_text(&packed);
	facts->text = take_text(&packed);
	session->user_id = take_text(&packed);
	session->login = take_text(&packed);
	session->gen = take_text(&packed);
	session->pw = take_text(&packed);
	session->addr = take_text(&packed);
	session->agent = take_text(&packed);
}

struct str
pack_generation(struct arena *arena, const struct generation *generation)
{
	struct buf buf = buf_open(arena, PACK_MAX);

	put_int(&buf, generation->ended_ms);
	put_int(&buf, generation->blocked_ms);
	put_int(&buf, generation->is_unreadable);
	put_text(&buf, generation->gen);
	put_text(&buf, generation->text);
	return finish(&buf);
}

void
unpack_generation(struct str packed, struct generation *generation)
{
	generation->ended_ms = take_int(&packed);
	generation->blocked_ms = take_int(&packed);
	generation->is_unreadable = take_int(&packed) != 0;
	generation->gen = take_text(&packed);
	generation->text = take_text(&packed);
}

struct str
pack_account(struct arena *arena, const struct account *account)
{
	struct buf buf = buf_open(arena, PACK_MAX);

	put_int(&buf, account->is_known);
	put_int(&buf, account->at_ms);
	put_int(&buf, account->asking_ms);
	put_int(&buf, account->is_active);
	put_text(&buf, account->login);
	put_text(&buf, account->email);
	put_text(&buf, account->name);
	put_text(&buf, account->pw);
	put_text(&buf, account->text);
	put_int(&buf, (int64_t)account->role_count);
	for (size_t i = 0; i < account->role_count; i++)
		put_text(&buf, account->roles[i]);
	return finish(&buf);
}

void
unpack_account(struct arena *arena, struct str packed, struct account *account)
{
	struct str *roles;

	account->is_known = take_int(&packed) != 0;
	account->at_ms = take_int(&packed);
	account->asking_ms = take_int(&packed);
	account->is_active = take_int(&packed) != 0;
	account->login = take_text(&packed);
	account->email = take_text(&packed);
	account->name = take_text(&packed);
	account->pw = take_text(&packed);
	account->text = take_text(&packed);
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

	put_int(&buf, user->was_cached);
	put_int(&buf, user->ttl_ms);
	put_text(&buf, user->id);
	put_text(&buf, user->login);
	put_text(&buf, user->name);
	put_text(&buf, user->email);
	put_text(&buf, user->image);
	put_text(&buf, user->text);
	return finish(&buf);
}

void
unpack_user(struct str packed, struct user *user)
{
	user->was_cached = take_int(&packed) != 0;
	user->ttl_ms = take_int(&packed);
	user->id = take_text(&packed);
	user->login = take_text(&packed);
	user->name = take_text(&packed);
	user->email = take_text(&packed);
	user->image = take_text(&packed);
	user->text = take_text(&packed);
	user->hash = STR_NONE;
}
