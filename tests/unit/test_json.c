/* http/json, http/json_plain and http/json_scan */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "in_arena.h"
#include "http/json.h"
#include "http/json_tree.h"

#define DEPTH 8

static void
strict_values_are_accepted(void **state)
{
	static const char *const rows[] = {
		"{}",
		"[]",
		"\"\"",
		"0",
		"-0",
		"1",
		"-1.5e+10",
		"1E5",
		"0.0",
		"0e123",
		"99999999999999999999999999999999",
		"true",
		"false",
		"null",
		" \t\r\n{ \"a\" :\t[ 1 , \"x\" , null ] }\n ",
		"{\"a\":{\"b\":[{},[]]}}",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
		"\"\\u00e4\\uD83D\\ude00\\uFFFF\"",
		"\"\\u0000\"",
		"\"a\\u0000b\"",
		"[\"\\u0000\",\"a\"]",
		"{\"a\":\"\\u0000\"}",
		"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"",
		"[[[[[[[[]]]]]]]]",
		"{\"a\":1,\"a\":2}",
		"1e999",
		"{\"__proto__\":1,\"constructor\":{}}",
		"\"/* no comment */ // 'x' NaN\"",
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(json_parse(*state, str_from(rows[i]), DEPTH) != NULL,
		    rows[i]);
}

static void
anything_else_is_refused(void **state)
{
	static const struct str rows[] = {
		{ NULL, 0 }, STR_INIT(""), STR_INIT(" \n"),
		/* not exactly one value */
		STR_INIT("{}{}"), STR_INIT("{} {}"), STR_INIT("1 2"),
		STR_INIT("{}x"), STR_INIT("{},"), STR_INIT("null null"),
		STR_INIT("nullnull"), STR_INIT("\"a\"\"b\""),
		STR_INIT("\"a\" \"b\""), STR_INIT("{}\0"), STR_INIT("{}\0{}"),
		STR_INIT("\0"),
		/* cut */
		STR_INIT("{"), STR_INIT("["), STR_INIT("{\"a\""),
		STR_INIT("{\"a\":"), STR_INIT("{\"a\":1"),
		STR_INIT("{\"a\":1,"), STR_INIT("[1,"), STR_INIT("\"a"),
		STR_INIT("\"a\\"), STR_INIT("\"\\u12"), STR_INIT("tru"),
		STR_INIT("-"), STR_INIT("1."), STR_INIT("1e"), STR_INIT("1e+"),
		/* grammar */
		STR_INIT("]"), STR_INIT("}"), STR_INIT("[}"), STR_INIT("{]"),
		STR_INIT("[1,]"), STR_INIT("[,1]"), STR_INIT("[1,,2]"),
		STR_INIT("[1 2]"), STR_INIT("[1:2]"), STR_INIT("{\"a\":1,}"),
		STR_INIT("{,\"a\":1}"), STR_INIT("{\"a\" 1}"),
		STR_INIT("{\"a\":1 \"b\":2}"), STR_INIT("{\"a\":1;\"b\":2}"),
		STR_INIT("{\"a\"::1}"), STR_INIT("{\"a\",1}"),
		STR_INIT("{a:1}"), STR_INIT("{1:1}"), STR_INIT("{null:1}"),
		STR_INIT("{\"a\"}"), STR_INIT(":"), STR_INIT(","),
		/* what lenient parsers take */
		STR_INIT("{'a':1}"), STR_INIT("'a'"), STR_INIT("NaN"),
		STR_INIT("nan"), STR_INIT("-NaN"), STR_INIT("Infinity"),
		STR_INIT("-Infinity"), STR_INIT("[Infinity]"), STR_INIT("TRUE"),
		STR_INIT("True"), STR_INIT("NULL"), STR_INIT("undefined"),
		STR_INIT("truex"), STR_INIT("truefalse"), STR_INIT("/**/{}"),
		STR_INIT("{}/**/"), STR_INIT("{}//x\n"), STR_INIT("#x\n{}"),
		STR_INIT("01"), STR_INIT("-01"), STR_INIT("00"), STR_INIT("+1"),
		STR_INIT(".5"), STR_INIT("5.e1"), STR_INIT("0x10"),
		STR_INIT("1_000"), STR_INIT("1.2.3"), STR_INIT("1e5e5"),
		STR_INIT("--1"), STR_INIT("1-1"), STR_INIT("1true"),
		STR_INIT("1\"a\""),
		STR_INIT("\xef\xbb\xbf{}"), /* a byte order mark */
		STR_INIT("\v{}"), STR_INIT("\f{}"), STR_INIT("\xc2\xa0{}"),
		/* strings */
		STR_INIT("\"\n\""), STR_INIT("\"\t\""), STR_INIT("\"\x01\""),
		STR_INIT("\"\x1f\""), STR_INIT("\"\0\""),
		STR_INIT("{\"a\":\"\0\"}"), STR_INIT("{\"a\0b\":1}"),
		STR_INIT("\"\\x41\""), STR_INIT("\"\\'\""), STR_INIT("\"\\0\""),
		STR_INIT("\"\\a\""), STR_INIT("\"\\U0041\""),
		STR_INIT("\"\\u004\""), STR_INIT("\"\\u004g\""),
		STR_INIT("\"\\u+041\""), STR_INIT("\"\\u{41}\""),
		STR_INIT("\"\\ud83d\""), STR_INIT("\"\\ud83dx\""),
		STR_INIT("\"\\ud83d\\n\""), STR_INIT("\"\\ud83d\\u0041\""),
		STR_INIT("\"\\ud83d\\ud83d\""), STR_INIT("\"\\ude00\""),
		STR_INIT("\"\\ude00\\ud83d\""), STR_INIT("\"\\ude00\\ude00\""),
		STR_INIT("\"\xff\""), STR_INIT("\"\x80\""),
		STR_INIT("\"\xc0\x80\""), STR_INIT("\"\xed\xa0\xbd\""),
		STR_INIT("\"\xf4\x90\x80\x80\""), STR_INIT("\"\xc3\""),
		STR_INIT("\xff"),
		/* a name that C strings would cut */
		STR_INIT("{\"password\\u0000zz\":1}"),
		STR_INIT("{\"\\u0000\":1}"), STR_INIT("{\"a\\u0000\" \n:1}"),
		STR_INIT("[{\"b\":{\"a\\u0000\":1}}]"),
		STR_INIT("[[[[[[[[[]]]]]]]]]"), /* one too deep */
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(json_parse(*state, rows[i], DEPTH) == NULL,
		    rows[i].len > 0 ? rows[i].ptr : "(empty)");
}

static void
every_cut_of_a_text_is_refused(void **state)
{
	const struct str text = STR(
	    "{\"email\":\"\\u00e4\xc3\xa4\",\"b\":[1,-2.5e3,true,null,{}]}");

	for (size_t len = 0; len < text.len; len++)
		assert_null(
		    json_parse(*state, (struct str){ text.ptr, len }, DEPTH));
	assert_non_null(json_parse(*state, text, DEPTH));
}

static void
depth_is_bounded_exactly(void **state)
{
	for (int depth = 0; depth < 6; depth++) {
		char text[32] = "";

		for (int i = 0; i < depth; i++)
			strcat(text, i % 2 ? "[" : "{\"a\":");
		strcat(text, "1");
		for (int i = depth; i-- > 0;)
			strcat(text, i % 2 ? "]" : "}");
		assert_non_null(json_parse(*state, str_from(text), depth));
		if (depth > 0)
			assert_null(
			    json_parse(*state, str_from(text), depth - 1));
	}
}

static void
a_hundred_thousand_brackets_are_refused_cheaply(void **state)
{
	enum { NESTED = 100000 };
	char *text = malloc(2 * NESTED);

	assert_non_null(text);
	memset(text, '[', NESTED);
	memset(text + NESTED, ']', NESTED);
	for (int i = 0; i < 10000; i++)
		assert_null(
		    json_parse(*state, (struct str){ text, 2 * NESTED }, 32));
	assert_null(json_parse(*state, (struct str){ text, NESTED }, 32));
	free(text);
}

static void
members_are_found_by_their_whole_name(void **state)
{
	struct json *json = json_parse(*state,
	    STR("{\"a\":\"1\",\"ab\":\"2\",\"\":\"3\",\"\\u00e4\":\"4\","
		"\"in\":{\"a\":\"5\"},\"twice\":\"6\",\"twice\":\"7\"}"),
	    DEPTH);
	static const struct {
		const char *key, *value;
	} rows[] = {
		{ "a", "1" },
		{ "ab", "2" },
		{ "", "3" },
		{ "\xc3\xa4", "4" },
		{ "twice", "7" },
		{ "A", NULL },
		{ "abc", NULL },
		{ "in", NULL },
	};
	struct str value;

	for (size_t i = 0; i < COUNT(rows); i++) {
		value = STR_NONE;
		assert_int_equal(
		    json_string(json_member(json, rows[i].key), &value),
		    rows[i].value != NULL);
		assert_str(value, rows[i].value);
	}
	assert_true(
	    json_string(json_member(json_member(json, "in"), "a"), &value));
	assert_str(value, "5");
}

static void
strings_carry_their_length(void **state)
{
	static const struct {
		const char *json;
		struct str value;
	} rows[] = {
		{ "\"\"", STR_INIT("") },
		{ "\"a\\u0000b\"", STR_INIT("a\0b") },
		{ "\"\\u0000\"", STR_INIT("\0") },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
		    STR_INIT("\"\\/\b\f\n\r\t") },
		{ "\"\\u00E4\\u20ac\\ud83d\\uDE00\"",
		    STR_INIT("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") },
		{ "\"x\xf0\x9f\x98\x80y\"", STR_INIT("x\xf0\x9f\x98\x80y") },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str value = STR_NONE;

		assert_true(json_string(
		    json_parse(*state, str_from(rows[i].json), DEPTH), &value));
		assert_str_eq(value, rows[i].value);
	}
}

static void
integers_are_exact_or_none(void **state)
{
	static const struct {
		const char *json;
		bool is_integer;
		int64_t value;
	} rows[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "42", true, 42 },
		{ "-42", true, -42 },
		{ "1795475664506", true, INT64_C(1795475664506) },
		{ "9007199254740993", true, INT64_C(9007199254740993) },
		{ "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "18446744073709551615", false, 0 },
		{ "-9223372036854775807", true, -INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "18446744073709551615", false, 0 },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999999999", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "-99999999999999999999999999", false, 0 },
		{ "1.0", false, 0 },
		{ "1e2", false, 0 },
		{ "0e123", false, 0 },
		{ "1e999", false, 0 },
		{ "\"42\"", false, 0 },
		{ "true", false, 0 },
		{ "null", false, 0 },
		{ "[42]", false, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json *json =
		    json_parse(*state, str_from(rows[i].json), DEPTH);
		int64_t value = 77;

		assert_row(json != NULL, rows[i].json);
		assert_row(
		    json_int(json, &value) == rows[i].is_integer, rows[i].json);
		assert_row(value == (rows[i].is_integer ? rows[i].value : 77),
		    rows[i].json);
	}
}

static void
types_are_never_converted(void **state)
{
	static const struct {
		const char *json;
		bool is_object, is_null, is_string, is_boolean;
	} rows[] = {
		{ "{}", .is_object = true },
		{ "null", .is_null = true },
		{ "\"true\"", .is_string = true },
		{ "true", .is_boolean = true },
		{ "false", .is_boolean = true },
		{ "[]", false, false, false, false },
		{ "[{}]", false, false, false, false },
		{ "0", false, false, false, false },
		{ "1", false, false, false, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json *json =
		    json_parse(*state, str_from(rows[i].json), DEPTH);
		struct str string;
		bool boolean;

		assert_row(
		    json_is_object(json) == rows[i].is_object, rows[i].json);
		assert_row(json_is_null(json) == rows[i].is_null, rows[i].json);
		assert_row(json_string(json, &string) == rows[i].is_string,
		    rows[i].json);
		assert_row(json_boolean(json, &boolean) == rows[i].is_boolean,
		    rows[i].json);
		if (rows[i].is_boolean)
			assert_row(
			    boolean == (rows[i].json[0] == 't'), rows[i].json);
		assert_null(json_member(json, "a"));
	}
}

static void
an_absent_value_answers_false(void **state)
{
	(void)state;
	assert_false(json_is_object(NULL));
	assert_false(json_is_null(NULL));
	assert_null(json_member(NULL, "a"));
	assert_false(json_string(NULL, &(struct str){ NULL, 0 }));
	assert_false(json_int(NULL, &(int64_t){ 0 }));
	assert_false(json_boolean(NULL, &(bool){ false }));
}

static void
large_texts_are_read(void **state)
{
	enum { SIZE = 64 * 1024 };
	char *text = malloc(SIZE);
	struct str value;
	struct json *json;

	assert_non_null(text);
	memset(text, 'x', SIZE);
	memcpy(text, "{\"a\":\"", 6);
	memcpy(text + SIZE - 2, "\"}", 2);
	json = json_parse(*state, (struct str){ text, SIZE }, DEPTH);
	assert_true(json_string(json_member(json, "a"), &value));
	assert_int_equal(value.len, SIZE - 8);
	free(text);
}

static void
integers_up_to_2_to_the_64th_are_read(void **state)
{
	static const struct {
		const char *json;
		bool is_uint;
		uint64_t value;
	} rows[] = {
		{ "0", true, 0 },
		{ "42", true, 42 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", true, (uint64_t)INT64_MAX + 1 },
		{ "18446744073709551614", true, UINT64_MAX - 1 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "184467440737095516150", false, 0 },
		{ "-1", false, 0 },
		{ "-0.0", false, 0 },
		{ "42.0", false, 0 },
		{ "4.2e1", false, 0 },
		{ "1e19", false, 0 },
		{ "\"42\"", false, 0 },
		{ "true", false, 0 },
		{ "null", false, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json *json =
		    json_parse(*state, str_from(rows[i].json), 1);
		uint64_t value = 0;

		assert_row(
		    json_uint(json, &value) == rows[i].is_uint, rows[i].json);
		assert_true(value == rows[i].value);
	}
	assert_false(json_uint(NULL, &(uint64_t){ 0 }));
}

static bool
is_same(const struct json *a, const struct json *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->kind == b->kind && a->boolean == b->boolean &&
	       a->integer == b->integer && a->large == b->large &&
	       str_eq(a->string, b->string) && str_eq(a->key, b->key) &&
	       is_same(a->members, b->members) && is_same(a->next, b->next);
}

/* A blank makes a text one that is not plain, and changes nothing else. */
static bool
is_read_alike(struct arena *arena, struct str text)
{
	char blank[256] = " ";

	assert_true(text.len < sizeof(blank));
	memcpy(blank + 1, text.ptr, text.len);
	return is_same(json_parse_lenient(arena, text, 2),
	    json_parse_lenient(arena, (struct str){ blank, text.len + 1 }, 2));
}

static const char *const plain_texts[] = {
	"{}",
	"[]",
	"\"\"",
	"0",
	"-17",
	"true",
	"{\"userId\":\"42\",\"createdAt\":1795475664506,\"v\":1,"
	"\"login\":\"\xc3\xa4@example.org\",\"gen\":\"Zm9v-_\",\"n\":null}",
	"{\"at\":-5,\"active\":true,\"roles\":[\"a\",\"\",\"b\"],\"off\":"
	"false}",
	"{\"a\":[],\"b\":{},\"a\":[1,[2]],\"c\":[{\"d\":1}]}",
	"[123456789012345678,1234567890123456789,-0]",
};

static void
plain_texts_are_read_without_json_c(void **state)
{
	for (size_t i = 0; i < COUNT(plain_texts) - 2; i++)
		assert_row(
		    json_plain(*state, str_from(plain_texts[i]), 2) != NULL,
		    plain_texts[i]);
}

static void
a_text_is_read_alike_with_and_without_json_c(void **state)
{
	static const char bytes[] =
	    "\"\\,:{}[]019-.eE+ \ntfnux\x7f\x80\xa4\xc3\xff";

	for (size_t i = 0; i < COUNT(plain_texts); i++) {
		struct str text = str_from(plain_texts[i]);
		char other[256];

		assert_row(is_read_alike(*state, text), text.ptr);
		for (size_t at = 0; at <= text.len; at++)
			assert_row(
			    is_read_alike(*state, (struct str){ text.ptr, at }),
			    text.ptr);
		for (size_t at = 0; at < text.len; at++)
			for (size_t b = 0; b < sizeof(bytes); b++) {
				memcpy(other, text.ptr, text.len + 1);
				other[at] = bytes[b];
				assert_row(is_read_alike(*state,
					       (struct str){ other, text.len }),
				    other);
				arena_reset(*state);
			}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_values_are_accepted),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(every_cut_of_a_text_is_refused),
		cmocka_unit_test(depth_is_bounded_exactly),
		cmocka_unit_test(
		    a_hundred_thousand_brackets_are_refused_cheaply),
		cmocka_unit_test(members_are_found_by_their_whole_name),
		cmocka_unit_test(strings_carry_their_length),
		cmocka_unit_test(integers_are_exact_or_none),
		cmocka_unit_test(integers_up_to_2_to_the_64th_are_read),
		cmocka_unit_test(types_are_never_converted),
		cmocka_unit_test(an_absent_value_answers_false),
		cmocka_unit_test(large_texts_are_read),
		cmocka_unit_test(plain_texts_are_read_without_json_c),
		cmocka_unit_test(a_text_is_read_alike_with_and_without_json_c),
	};

	return cmocka_run_group_tests_name(
	    "json", tests, open_arena, close_arena);
}
