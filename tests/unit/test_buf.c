/* base/buf */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "check.h"
#include "in_arena.h"

static void
an_empty_one_is_empty_not_absent(void **state)
{
	struct buf buf = buf_open(*state, 10);

	assert_str(buf_str(&buf), "");
	buf_add(&buf, STR_NONE);
	buf_add(&buf, STR(""));
	assert_str(buf_str(&buf), "");
	assert_false(buf.is_full);
}

static void
room_reserved_is_taken_once_and_never_beyond_the_maximum(void **state)
{
	struct buf buf = buf_open(*state, 1000);
	const char *at;

	buf_add(&buf, STR("a"));
	buf_reserve(&buf, 900);
	at = buf.ptr;
	for (int i = 0; i < 90; i++)
		buf_add(&buf, STR("0123456789"));
	assert_ptr_equal(buf.ptr, at);
	assert_int_equal(buf.ptr[0], 'a');
	buf_reserve(&buf, 100);
	assert_false(buf.is_full);
	assert_true(buf.cap <= 1000);
}

static void
it_grows_and_keeps_what_it_has(void **state)
{
	struct buf buf = buf_open(*state, 100000);

	for (int i = 0; i < 10000; i++)
		buf_add(&buf, STR("0123456789"));
	assert_false(buf.is_full);
	assert_int_equal(buf_str(&buf).len, 100000);
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(buf_str(&buf).ptr[i], '0' + (char)(i % 10));
}

static void
what_goes_beyond_is_dropped_and_told(void **state)
{
	struct buf buf = buf_open(*state, 5);

	buf_add(&buf, STR("abc"));
	buf_add(&buf, STR("def"));
	assert_true(buf.is_full);
	buf_add(&buf, STR("g")); /* would fit, but the gap is there */
	assert_true(buf.is_full);
	assert_str(buf_str(&buf), "abc");
	buf = buf_open(*state, 3);
	buf_add(&buf, STR("abc"));
	assert_false(buf.is_full);
	assert_str(buf_str(&buf), "abc");
	buf = buf_open(*state, 0);
	buf_add_char(&buf, 'a');
	assert_true(buf.is_full);
}

static void
integers_are_written_whole(void **state)
{
	struct buf buf = buf_open(*state, 100);

	buf_add_int(&buf, INT64_MIN);
	buf_add_char(&buf, ' ');
	buf_add_int(&buf, INT64_MAX);
	buf_add_char(&buf, ' ');
	buf_add_int(&buf, 0);
	assert_str(buf_str(&buf), "-9223372036854775808 9223372036854775807 0");
}

static void
json_strings_are_escaped(void **state)
{
	static const struct {
		struct str text;
		const char *json;
	} rows[] = {
		{ STR_INIT(""), "\"\"" },
		{ STR_INIT("a/b"), "\"a/b\"" },
		{ STR_INIT("\"\\"), "\"\\\"\\\\\"" },
		{ STR_INIT("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"" },
		{ STR_INIT("\0\x01\x1f"), "\"\\u0000\\u0001\\u001f\"" },
		{ STR_INIT("\x7f"), "\"\\u007f\"" },
		{ STR_INIT("\xe2\x82\xac"), "\"\xe2\x82\xac\"" },
		{ STR_INIT("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"" },
		{ STR_INIT("\xff\xc2"),
		    "\"\xef\xbf\xbd\xef\xbf\xbd\"" }, /* no UTF-8 */
		{ STR_INIT("\xed\xa0\x80"),
		    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ { NULL, 0 }, "null" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf buf = buf_open(*state, 100);

		buf_add_json(&buf, rows[i].text);
		assert_str(buf_str(&buf), rows[i].json);
	}
}

static void
html_is_escaped(void **state)
{
	struct buf buf = buf_open(*state, 100);

	buf_add_html(&buf, STR("<a href='x' b=\"&\">"));
	assert_str(
	    buf_str(&buf), "&lt;a href=&#39;x&#39; b=&quot;&amp;&quot;&gt;");
}

static void
only_unreserved_bytes_stay_unencoded(void **state)
{
	struct buf buf = buf_open(*state, 100);

	buf_add_percent(&buf, STR("Az09-._~/?&=%+ \0\r\n\xc3\xa4"));
	assert_str(
	    buf_str(&buf), "Az09-._~%2F%3F%26%3D%25%2B%20%00%0D%0A%C3%A4");
}

#define BUF_TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

static void
a_code_point_becomes_utf8(void **state)
{
	static const uint32_t codes[] = { 0x41, 0x7f, 0x80, 0x7ff, 0x800,
		0xffff, 0x10000, 0x10ffff };
	struct buf buf = buf_open(*state, 64);

	for (size_t i = 0; i < COUNT(codes); i++)
		buf_add_utf8(&buf, codes[i]);
	assert_str_eq(
	    buf_str(&buf), STR("A\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"
			       "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BUF_TEST(an_empty_one_is_empty_not_absent),
		BUF_TEST(
		    room_reserved_is_taken_once_and_never_beyond_the_maximum),
		BUF_TEST(it_grows_and_keeps_what_it_has),
		BUF_TEST(what_goes_beyond_is_dropped_and_told),
		BUF_TEST(integers_are_written_whole),
		BUF_TEST(json_strings_are_escaped),
		BUF_TEST(html_is_escaped),
		BUF_TEST(a_code_point_becomes_utf8),
		BUF_TEST(only_unreserved_bytes_stay_unencoded),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
