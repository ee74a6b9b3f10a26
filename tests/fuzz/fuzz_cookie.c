/*
 * http/cookie: reading any header is sound, and what we write we read again.
 * The input is the cookie's name, a newline, and a header.
 */
#include "config.h"

#include "fuzz.h"
#include "http/cookie.h"

enum { TEXT_MAX = 8192 };

static const char token_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz"
				  "0123456789-_.~+/=";

/* A token and a name made of bytes of the input. */
static struct str
only_token(struct arena *arena, struct str from, size_t max)
{
	struct buf made = buf_open(arena, max);

	for (size_t i = 0; i < from.len; i++)
		if (str_only((struct str){ from.ptr + i, 1 }, token_chars))
			buf_add_char(&made, from.ptr[i]);
	return buf_str(&made);
}

/* The pair that a browser sends back of a Set-Cookie value. */
static struct str
sent_back(struct str set_cookie)
{
	return str_cut(&set_cookie, ';');
}

/* Behind any other cookies ours is found, or one of its name was before. */
static void
judge_planted(
    struct arena *arena, struct str header, struct str name, struct str token)
{
	struct buf planted = buf_open(arena, TEXT_MAX);
	struct str before = STR_NONE, found = STR_NONE;
	enum cookie_found alone = cookie_find(arena, header, name, &before);
	enum cookie_found both;

	buf_add(&planted, header);
	buf_add(&planted, STR("; "));
	buf_add(&planted, name);
	buf_add(&planted, STR("="));
	buf_add(&planted, token);
	if (planted.is_full)
		return;
	both = cookie_find(
	    arena, fuzz_copy(arena, buf_str(&planted)), name, &found);
	if (alone == COOKIE_ABSENT)
		fuzz_claim(both == COOKIE_FOUND && str_eq(found, token));
	else if (!str_starts(name, STR("__Host-")))
		fuzz_claim(both == COOKIE_FOUND && str_eq(found, before));
	else if (both == COOKIE_FOUND)
		fuzz_claim(str_eq(found, token) && str_eq(before, token));
	else
		fuzz_claim(both == COOKIE_CONFLICT);
}

/* `=` within a name would end it; "" is no name. */
static void
judge_written(struct arena *arena, struct str name, struct str token)
{
	const struct cookie_attributes attributes = { .name = name,
		.path = STR("/"),
		.domain = str_from(token.len % 2 ? "example.org" : ""),
		.samesite = STR("Lax"),
		.is_secure = token.len % 3 };
	struct buf set = buf_open(arena, TEXT_MAX);
	struct buf expire = buf_open(arena, TEXT_MAX);
	struct str found = STR_NONE;

	cookie_set(&set, &attributes, token, 604800);
	fuzz_claim(cookie_find(arena, sent_back(buf_str(&set)), name, &found) ==
		   COOKIE_FOUND);
	fuzz_claim(str_eq(found, token));
	cookie_expire(&expire, &attributes);
	fuzz_claim(cookie_find(arena, sent_back(buf_str(&expire)), name,
		       &found) == COOKIE_FOUND);
	fuzz_claim(found.len == 0);
	fuzz_claim(!str_has_char(buf_str(&set), '\n'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str header = fuzz_str(bytes, len);
	struct str any_name = fuzz_line(arena, &header);
	struct str name = only_token(arena, any_name, 64);
	struct str token = only_token(arena, header, 256);
	struct str value = STR_NONE;

	if (cookie_find(arena, header, any_name, &value) == COOKIE_FOUND)
		fuzz_claim(value.ptr != NULL && value.len <= header.len);
	else
		fuzz_claim(str_is_none(value));
	fuzz_claim(
	    cookie_find(arena, STR_NONE, any_name, &value) == COOKIE_ABSENT);
	if (name.len > 0 && !str_has_char(name, '=')) {
		judge_planted(arena, header, name, token);
		judge_written(arena, name, token);
	}
	arena_close(arena);
	return 0;
}
