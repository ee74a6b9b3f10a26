/* http/json_mark */
#include "config.h"

#include "base/buf.h"
#include "check.h"
#include "http/json.h"
#include "in_arena.h"

enum { DEPTH = 1 };

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_arena, close_arena)

/* Adds a character to both: as UTF-8, and as JSON, escaped or not. */
static void
add_character(
    struct buf *value, struct buf *json, uint32_t code, bool is_escaped)
{
	char utf8[8], escape[STR_ESCAPE_SIZE];
	size_t len = 0;

	if (code < 0x80) {
		utf8[len++] = (char)code;
	} else if (code < 0x800) {
		utf8[len++] = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		utf8[len++] = (char)(0xe0 | code >> 12);
		utf8[len++] = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		utf8[len++] = (char)(0xf0 | code >> 18);
		utf8[len++] = (char)(0x80 | (code >> 12 & 0x3f));
		utf8[len++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	if (code >= 0x80)
		utf8[len++] = (char)(0x80 | (code & 0x3f));
	buf_add(value, (struct str){ utf8, len });
	if (is_escaped || code < 0x80)
		buf_add(json,
		    (struct str){ escape, str_json_escape(escape, code) });
	else
		buf_add(json, (struct str){ utf8, len });
}

/* json-c reads some of them wrongly: JSON_MARK. */
static void
every_character_of_unicode_is_read(void **state)
{
	enum { AT_ONCE = 256, SIZE = 16 * AT_ONCE };

	(void)state;
	for (uint32_t code = 0; code < 2 * 0x110000; code += AT_ONCE) {
		struct arena *arena = arena_open();
		struct buf value = buf_open(arena, SIZE);
		struct buf json = buf_open(arena, SIZE);
		struct str found = STR_NONE;

		buf_add(&json, STR("\"\\n"));
		buf_add_char(&value, '\n');
		for (uint32_t i = code; i < code + AT_ONCE; i++)
			if (i / 2 < 0xd800 || i / 2 > 0xdfff)
				add_character(&value, &json, i / 2, i % 2);
		buf_add_char(&json, '"');
		assert_true(json_string(
		    json_parse(arena, buf_str(&json), DEPTH), &found));
		assert_str_eq(found, buf_str(&value));
		arena_close(arena);
	}
}

static void
a_name_may_have_any_character(void **state)
{
	const struct json *json = json_parse(*state,
	    STR("{\"\\ud876\\udc00\uffff\":1,\"\xf0\xad\xa0\x80\":2}"), DEPTH);
	int64_t value;

	assert_true(json_int(
	    json_member(json, "\xf0\xad\xa0\x80\xef\xbf\xbf"), &value));
	assert_int_equal(value, 1);
	assert_true(json_int(json_member(json, "\xf0\xad\xa0\x80"), &value));
	assert_int_equal(value, 2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_character_of_unicode_is_read),
		TEST(a_name_may_have_any_character),
	};

	return cmocka_run_group_tests_name("json_mark", tests, NULL, NULL);
}
