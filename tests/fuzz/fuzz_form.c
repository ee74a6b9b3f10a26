/*
 * http/form and http/next: fields are found whatever stands before them, and
 * where a login leads is a path of the same site to any browser.  The input is
 * a field's name, a newline, and a body.
 */
#include "config.h"

#include "base/buf.h"
#include "fuzz.h"
#include "http/form.h"
#include "http/next.h"

enum { TEXT_MAX = 1024 * 1024 };

/* Does a browser that follows a Location (WHATWG URL, 4.4) stay here? */
static bool
browser_stays(struct arena *arena, struct str next)
{
	char *seen = arena_alloc(arena, next.len + 2);
	size_t len = 0;

	for (size_t i = 0; i < next.len; i++) {
		char c = next.ptr[i];

		if (c == '\t' || c == '\n' || c == '\r' ||
		    (len == 0 && (unsigned char)c <= ' '))
			continue;
		seen[len++] = (char)(c == '\\' ? '/' : c);
	}
	return seen[0] == '/' && seen[1] != '/';
}

static void
judge_next(struct arena *arena, struct str next)
{
	next = next_read(arena, next);
	if (str_is_none(next))
		return;
	fuzz_claim(next_is_local(next));
	fuzz_claim(browser_stays(arena, next));
	fuzz_claim(!str_has_char(next, '\r') && !str_has_char(next, '\n'));
}

/* A field of ours behind any body: found, or one of its name was before. */
static void
judge_planted(
    struct arena *arena, struct str body, struct str name, struct str value)
{
	struct buf planted = buf_open(arena, TEXT_MAX);
	struct str before = STR_NONE, found = STR_NONE;
	bool was_there = form_find(arena, body, name, &before);

	buf_add(&planted, body);
	buf_add(&planted, STR("&"));
	buf_add_percent(&planted, name);
	buf_add(&planted, STR("="));
	buf_add_percent(&planted, value);
	if (planted.is_full)
		return;
	fuzz_claim(form_find(
	    arena, fuzz_copy(arena, buf_str(&planted)), name, &found));
	fuzz_claim(str_eq(found, was_there ? before : value));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str body = fuzz_str(bytes, len);
	struct str name = fuzz_line(arena, &body);
	struct str value = STR_NONE;

	if (form_find(arena, body, name, &value))
		fuzz_claim(value.ptr != NULL && value.len <= body.len);
	else
		fuzz_claim(str_is_none(value));
	fuzz_claim(!form_find(arena, STR_NONE, STR("email"), &value));
	judge_planted(arena, body, name, body);
	judge_next(arena, name);
	judge_next(arena, body);
	if (!str_is_none(value))
		judge_next(arena, value);
	arena_close(arena);
	return 0;
}
