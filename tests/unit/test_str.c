/* base/str */
#include "config.h"

#include <string.h>

#include "check.h"

static void
absent_equals_only_absent(void **state)
{
	(void)state;
	assert_true(str_eq(STR_NONE, STR_NONE));
	assert_false(str_eq(STR_NONE, STR("")));
	assert_false(str_eq(STR(""), STR_NONE));
	assert_true(str_eq(STR(""), STR("")));
	assert_false(str_eq_nocase(STR_NONE, STR("")));
	assert_true(str_eq_nocase(STR_NONE, STR_NONE));
	assert_true(str_is_none(str_from(NULL)));
	assert_false(str_is_none(str_from("")));
}

static void
equality_counts_every_byte(void **state)
{
	(void)state;
	assert_true(str_eq(STR("a\0b"), STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_false(str_eq(STR("a"), STR("ab")));
}

static void
case_is_folded_for_ascii_letters_only(void **state)
{
	(void)state;
	assert_true(str_eq_nocase(STR("HOST-x9"), STR("host-X9")));
	assert_false(str_eq_nocase(STR("\xc3\x84"), STR("\xc3\xa4")));
	assert_false(str_eq_nocase(STR("@["), STR("`{")));
}

static void
prefixes_are_found(void **state)
{
	(void)state;
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_starts(STR("abc"), STR("")));
	assert_true(str_starts(STR_NONE, STR("")));
	assert_false(str_starts(STR("a"), STR("ab")));
	assert_false(str_starts(STR_NONE, STR("a")));
}

static void
sets_never_contain_nul(void **state)
{
	(void)state;
	assert_true(str_only(STR("abba"), "ab"));
	assert_true(str_only(STR(""), "ab"));
	assert_false(str_only(STR("a\0"), "ab"));
	assert_true(str_only_digits(STR("0918273645")));
	assert_true(str_only_digits(STR("")));
	assert_false(str_only_digits(STR("1/")));
	assert_false(str_only_digits(STR("1:")));
	assert_false(str_only_digits(STR("1\0")));
	assert_true(str_has_char(STR("a\0b"), '\0'));
	assert_true(str_has_char(STR("a\0b"), 'b'));
	assert_false(str_has_char(STR("ab"), '\0'));
	assert_false(str_has_char(STR_NONE, '\0'));
}

static void
trimming_takes_spaces_and_tabs_only(void **state)
{
	(void)state;
	assert_str(str_trim(STR(" \ta b\t ")), "a b");
	assert_str(str_trim(STR(" \t ")), "");
	assert_str(str_trim(STR("\na\r")), "\na\r");
	assert_true(str_is_none(str_trim(STR_NONE)));
}

static void
cutting_walks_a_list(void **state)
{
	struct str rest = STR("a;;b");

	(void)state;
	assert_str(str_cut(&rest, ';'), "a");
	assert_str(str_cut(&rest, ';'), "");
	assert_str(str_cut(&rest, ';'), "b");
	assert_true(str_is_none(rest));
	assert_true(str_is_none(str_cut(&rest, ';')));
	rest = STR("a;");
	assert_str(str_cut(&rest, ';'), "a");
	assert_str(rest, ""); /* an empty last part is a part */
	assert_str(str_cut(&rest, ';'), "");
	assert_true(str_is_none(rest));
}

static void
a_view_from_beyond_the_end_is_empty(void **state)
{
	(void)state;
	assert_str(str_from_byte(STR("abc"), 1), "bc");
	assert_str(str_from_byte(STR("abc"), 3), "");
	assert_str(str_from_byte(STR("abc"), 9), "");
	assert_true(str_is_none(str_from_byte(STR_NONE, 0)));
}

static void
numbers_are_whole_and_bounded(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max, value;
		bool is_good;
	} rows[] = {
		{ "0", 0, 9, 0, true },
		{ "007", 0, 9, 7, true },
		{ "-5", -9, 9, -5, true },
		{ "10", 0, 9, 0, false },
		{ "-1", 0, 9, 0, false },
		{ "", 0, 9, 0, false },
		{ "-", -9, 9, 0, false },
		{ "--1", -9, 9, 0, false },
		{ "+1", 0, 9, 0, false },
		{ " 1", 0, 9, 0, false },
		{ "1 ", 0, 9, 0, false },
		{ "1a", 0, 9, 0, false },
		{ "0x1", 0, 9, 0, false },
		{ "1.0", 0, 9, 0, false },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX,
		    true },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, 0, false },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN,
		    true },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, 0, false },
		{ "99999999999999999999", INT64_MIN, INT64_MAX, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t value = 77;
		bool is_good = str_to_int(
		    str_from(rows[i].text), rows[i].min, rows[i].max, &value);

		assert_row(is_good == rows[i].is_good, rows[i].text);
		assert_row(
		    value == (is_good ? rows[i].value : 77), rows[i].text);
	}
	assert_false(str_to_int(STR_NONE, 0, 9, &(int64_t){ 0 }));
	assert_false(str_to_int(STR("1\0"), 0, 9, &(int64_t){ 0 }));
}

static void
utf8_is_what_rfc_3629_says(void **state)
{
	static const struct {
		struct str text;
		size_t head;
	} rows[] = {
		{ STR_INIT("a"), 1 },
		{ STR_INIT("\0"), 1 },
		{ STR_INIT("\x7f"), 1 },
		{ STR_INIT("\xc2\x80"), 2 },
		{ STR_INIT("\xdf\xbf"), 2 },
		{ STR_INIT("\xe0\xa0\x80"), 3 },
		{ STR_INIT("\xed\x9f\xbf"), 3 },
		{ STR_INIT("\xee\x80\x80"), 3 },
		{ STR_INIT("\xf0\x90\x80\x80"), 4 },
		{ STR_INIT("\xf4\x8f\xbf\xbf"), 4 },
		{ STR_INIT(""), 0 },
		{ STR_INIT("\x80"), 0 },
		{ STR_INIT("\xc0\x80"), 0 },	     /* overlong NUL */
		{ STR_INIT("\xc1\xbf"), 0 },	     /* overlong */
		{ STR_INIT("\xe0\x9f\xbf"), 0 },     /* overlong */
		{ STR_INIT("\xed\xa0\x80"), 0 },     /* surrogate */
		{ STR_INIT("\xf0\x8f\xbf\xbf"), 0 }, /* overlong */
		{ STR_INIT("\xf4\x90\x80\x80"), 0 }, /* above U+10FFFF */
		{ STR_INIT("\xf5\x80\x80\x80"), 0 },
		{ STR_INIT("\xff"), 0 },
		{ STR_INIT("\xc2"), 0 }, /* cut */
		{ STR_INIT("\xe2\x82"), 0 },
		{ STR_INIT("\xf0\x9f\x98"), 0 },
		{ STR_INIT("\xc2\x41"), 0 },
		{ STR_INIT("\xe2\x82\x41"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool is_whole = rows[i].head > 0 || rows[i].text.len == 0;

		assert_int_equal(str_utf8_head(rows[i].text), rows[i].head);
		assert_int_equal(str_is_utf8(rows[i].text), is_whole);
		assert_int_equal(str_is_printable(rows[i].text),
		    is_whole && !str_has_control(rows[i].text));
	}
	assert_true(str_is_utf8(STR("gr\xc3\xbc\xc3\x9f \xe2\x82\xac")));
	assert_false(str_is_utf8(STR("gr\xfc")));
	assert_true(str_is_printable(STR("~ gr\xc3\xbc\xc3\x9f\xc2\x80")));
	assert_false(str_is_printable(STR("a\tb")));
	assert_false(str_is_printable(STR("a\x7f")));
	assert_false(str_is_printable(STR("gr\xfc")));
}

static void
utf8_does_not_look_beyond_the_end(void **state)
{
	const struct str text = STR("\xf0\x9f\x98\x80");

	(void)state;
	for (size_t len = 0; len < text.len; len++)
		assert_int_equal(
		    str_utf8_head((struct str){ text.ptr, len }), 0);
}

static void
a_cut_leaves_characters_whole(void **state)
{
	static const struct row {
		const char *text;
		size_t max;
		const char *cut;
	} rows[] = {
		{ "", 0, "" },
		{ "abc", 0, "" },
		{ "abc", 2, "ab" },
		{ "abc", 3, "abc" },
		{ "a\xc3\xa9", 2, "a" },
		{ "a\xc3\xa9", 3, "a\xc3\xa9" },
		{ "\xe2\x82\xac", 2, "" },
		{ "\xff\xfe\xfd", 2, "\xff\xfe" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_str(str_utf8_cut(str_from(rows[i].text), rows[i].max),
		    rows[i].cut);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_equals_only_absent),
		cmocka_unit_test(equality_counts_every_byte),
		cmocka_unit_test(case_is_folded_for_ascii_letters_only),
		cmocka_unit_test(prefixes_are_found),
		cmocka_unit_test(sets_never_contain_nul),
		cmocka_unit_test(trimming_takes_spaces_and_tabs_only),
		cmocka_unit_test(cutting_walks_a_list),
		cmocka_unit_test(a_view_from_beyond_the_end_is_empty),
		cmocka_unit_test(numbers_are_whole_and_bounded),
		cmocka_unit_test(utf8_is_what_rfc_3629_says),
		cmocka_unit_test(utf8_does_not_look_beyond_the_end),
		cmocka_unit_test(a_cut_leaves_characters_whole),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
