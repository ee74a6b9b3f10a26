/*
 * store/rows: whatever stands in Redis is read or refused, and what was read
 * goes round.  The input is a user's id, a newline, and a stored text.
 */
#include "config.h"

#include "fuzz.h"
#include "store/rows.h"

enum { TEXT_MAX = 1024 * 1024 };

static void
judge_session(struct arena *arena, struct str text)
{
	struct buf written = buf_open(arena, TEXT_MAX);
	struct session session, back;
	bool has_version;

	if (!rows_session_decode(arena, text, &session, &has_version))
		return;
	fuzz_claim(session.user_id.len > 0);
	fuzz_claim(session.created_ms >= -1 && session.expires_ms >= -1);
	rows_session_encode(&written, &session, has_version);
	if (written.len > ROWS_TEXT_MAX)
		return;
	fuzz_claim(
	    rows_session_decode(arena, buf_str(&written), &back, &has_version));
	fuzz_claim(str_eq(back.user_id, session.user_id));
	fuzz_claim(back.created_ms == session.created_ms);
	fuzz_claim(back.expires_ms == session.expires_ms);
	fuzz_claim(str_eq(back.login, session.login));
	fuzz_claim(str_eq(back.gen, session.gen));
	fuzz_claim(str_eq(back.addr, session.addr));
	fuzz_claim(str_eq(back.agent, session.agent));
}

static void
judge_generation(struct arena *arena, struct str text)
{
	struct buf written = buf_open(arena, TEXT_MAX);
	struct generation generation, back;

	if (!rows_generation_decode(arena, text, &generation))
		return;
	fuzz_claim(generation.gen.len > 0 && generation.ended_ms >= 0);
	rows_generation_encode(&written, &generation);
	if (written.len > ROWS_TEXT_MAX)
		return;
	fuzz_claim(rows_generation_decode(arena, buf_str(&written), &back));
	fuzz_claim(str_eq(back.gen, generation.gen));
	fuzz_claim(back.ended_ms == generation.ended_ms);
}

static void
judge_user(struct arena *arena, struct str text, struct str id)
{
	struct buf written = buf_open(arena, TEXT_MAX);
	struct user user, back;

	if (!rows_user_decode(arena, text, id, &user))
		return;
	fuzz_claim(str_eq(user.id, id));
	fuzz_claim(str_is_none(user.hash) && str_is_none(user.login));
	rows_user_encode(&written, &user);
	if (written.len > ROWS_TEXT_MAX)
		return;
	fuzz_claim(rows_user_decode(arena, buf_str(&written), id, &back));
	fuzz_claim(str_eq(back.name, user.name));
	fuzz_claim(str_eq(back.email, user.email));
	fuzz_claim(str_eq(back.image, user.image));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str text = fuzz_str(bytes, len);
	struct str id = fuzz_line(arena, &text);

	judge_session(arena, text);
	judge_generation(arena, text);
	judge_user(arena, text, id);
	arena_close(arena);
	return 0;
}
