/* ctl/screen */
#include "config.h"

#include "check.h"
#include "ctl/screen.h"
#include "in_arena.h"

enum { WIDE_SCREEN = 1000, JSON_MAX = 4096 };

static const struct shown_row {
	struct str text;
	const char *shown;
	size_t columns;
} shown_rows[] = {
	{ STR_INIT(""), "", 0 },
	{ STR_INIT("plain ~"), "plain ~", 7 },
	{ STR_INIT("\\x1b"), "\\x1b", 4 }, /* typed so, not an escape */
	/* control characters: a cursor that moves, a title, an end of line */
	{ STR_INIT("a\x1b[2Jb"), "a\\x1b[2Jb", 9 },
	{ STR_INIT("\x1b]0;t\x07"), "\\x1b]0;t\\x07", 12 },
	{ STR_INIT("a\0b\tc\nd\re"), "a\\x00b\\x09c\\x0ad\\x0de", 21 },
	{ STR_INIT("\x7f\xc2\x80\xc2\x9b\xc2\x9f"),
	    "\\x7f\\u0080\\u009b\\u009f", 22 },
	{ STR_INIT("\xc2\xa0"), "\xc2\xa0", 1 },
	/* what turns the direction, or is invisible */
	{ STR_INIT("il\xe2\x80\xae"
		   "cod"),
	    "il\\u202ecod", 11 },
	{ STR_INIT("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c"), "\\u200e\\u200f\\u061c",
	    18 },
	{ STR_INIT("\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9"),
	    "\\u202a\\u2066\\u2069", 18 },
	{ STR_INIT("\xe2\x80\x8b\xc2\xad\xef\xbb\xbf"), "\\u200b\\u00ad\\ufeff",
	    18 },
	{ STR_INIT("\xe2\x80\xa8\xe2\x80\xa9"), "\\u2028\\u2029", 12 },
	{ STR_INIT("\xf3\xa0\x81\x81"), "\\ue0041", 7 },
	/* no UTF-8: cut in the middle, alone, overlong, a surrogate */
	{ STR_INIT("caf\xe9"), "caf\\xe9", 7 },
	{ STR_INIT("\xe4\xb8\xad\xe4\xb8"), "\xe4\xb8\xad\\xe4\\xb8", 10 },
	{ STR_INIT("\xf0\x9f\x98"), "\\xf0\\x9f\\x98", 12 },
	{ STR_INIT("\x80\xbf"), "\\x80\\xbf", 8 },
	{ STR_INIT("\xc0\xaf"), "\\xc0\\xaf", 8 },
	{ STR_INIT("\xed\xa0\x80"), "\\xed\\xa0\\x80", 12 },
	{ STR_INIT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", 16 },
	{ STR_INIT("\xff\xfe"), "\\xff\\xfe", 8 },
	/* columns of what is shown as it is */
	{ STR_INIT("\xc3\xa9"), "\xc3\xa9", 1 },
	{ STR_INIT("e\xcc\x81"), "e\xcc\x81", 1 },
	{ STR_INIT("\xe4\xb8\xad\xe6\x96\x87"), "\xe4\xb8\xad\xe6\x96\x87", 4 },
	{ STR_INIT("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80", 2 },
};

static void
a_text_is_safe_for_a_terminal(void **state)
{
	for (size_t i = 0; i < COUNT(shown_rows); i++) {
		const struct shown_row *row = &shown_rows[i];
		struct buf out = buf_open(*state, JSON_MAX);

		assert_row(
		    screen_add(&out, row->text, WIDE_SCREEN) == row->columns,
		    row->shown);
		assert_str(buf_str(&out), row->shown);
		assert_str(
		    screen_text(*state, row->text, WIDE_SCREEN), row->shown);
		assert_row(
		    screen_width(buf_str(&out)) == row->columns, row->shown);
	}
}

static void
a_long_text_is_cut_between_characters(void **state)
{
	static const struct {
		struct str text;
		size_t max;
		const char *shown;
	} rows[] = {
		{ STR_INIT("abcdef"), 6, "abcdef" },
		{ STR_INIT("abcdef"), 5, "ab..." },
		/* a wide character takes two columns, and is not halved */
		{ STR_INIT("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"), 6,
		    "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad" },
		{ STR_INIT("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"), 5,
		    "\xe4\xb8\xad..." },
		{ STR_INIT("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"), 4, "..." },
		/* nor is an escape */
		{ STR_INIT("ab\x1b"
			   "cd"),
		    8, "ab\\x1bcd" },
		{ STR_INIT("ab\x1b"
			   "cd"),
		    7, "ab..." },
		{ STR_INIT("ab\xe4\xb8"), 9, "ab\\xe4..." },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_str(screen_text(*state, rows[i].text, rows[i].max),
		    rows[i].shown);
}

static void
json_is_safe_for_a_terminal_and_says_the_same(void **state)
{
	static const struct {
		struct str text;
		const char *json;
	} rows[] = {
		{ { NULL, 0 }, "null" },
		{ STR_INIT(""), "\"\"" },
		{ STR_INIT("a\"\\/\n"), "\"a\\\"\\\\/\\n\"" },
		{ STR_INIT("\x1b\x7f\0"), "\"\\u001b\\u007f\\u0000\"" },
		{ STR_INIT("\xc2\x9b"), "\"\\u009b\"" },
		{ STR_INIT("\xe2\x80\xae\xe2\x81\xa6"), "\"\\u202e\\u2066\"" },
		{ STR_INIT("\xf3\xa0\x81\x81"), "\"\\udb40\\udc41\"" },
		{ STR_INIT("\xe4\xb8\xad"), "\"\xe4\xb8\xad\"" },
		{ STR_INIT("\xe4\xb8"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = buf_open(*state, JSON_MAX);

		screen_add_json(&out, rows[i].text);
		assert_str(buf_str(&out), rows[i].json);
	}
}

#define SCREEN_TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SCREEN_TEST(a_text_is_safe_for_a_terminal),
		SCREEN_TEST(a_long_text_is_cut_between_characters),
		SCREEN_TEST(json_is_safe_for_a_terminal_and_says_the_same),
	};

	return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
