/* http/cookie */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "in_arena.h"
#include "http/cookie.h"
#include "secret/token.h"

#define PLAIN "SESSION-TOKEN"
#define HOST "__Host-SESSION-TOKEN"

static void
the_first_of_a_name_wins(void **state)
{
	static const struct {
		const char *header, *value; /* NULL: absent */
	} rows[] = {
		{ NULL, NULL },
		{ "", NULL },
		{ ";", NULL },
		{ "=", NULL },
		{ "=abc", NULL },
		{ PLAIN, NULL },
		{ PLAIN "=abc", "abc" },
		{ PLAIN "=", "" },
		{ "a=b; " PLAIN "=abc; c=d", "abc" },
		{ "a=b;" PLAIN "=abc;c=d", "abc" },
		{ ";; ;" PLAIN "=abc;;", "abc" },
		{ " \t" PLAIN "\t= \tabc\t ", "abc" },
		{ PLAIN "=abc; " PLAIN "=def", "abc" },
		{ PLAIN "=; " PLAIN "=def", "" },
		{ PLAIN "; " PLAIN "=def", "def" },
		{ "session-token=abc", NULL },
		{ "X" PLAIN "=abc", NULL },
		{ PLAIN "X=abc", NULL },
		{ HOST "=abc", NULL },
		{ "a=" PLAIN "=abc", NULL },
		{ "a=1, " PLAIN "=abc", NULL }, /* a comma parts nothing */
		{ PLAIN "=abc, b=2", "abc, b=2" },
		{ PLAIN "=a=b==", "a=b==" },
		{ PLAIN "=%s%n%d", "%s%n%d" },
		{ PLAIN "=j:{}", "j:{}" },
		{ PLAIN "=j%3A%7B%7D", "j:{}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str value = STR_NONE;
		enum cookie_found found = cookie_find(
		    *state, str_from(rows[i].header), STR(PLAIN), &value);

		assert_int_equal(found,
		    rows[i].value != NULL ? COOKIE_FOUND : COOKIE_ABSENT);
		assert_str(value, rows[i].value);
	}
}

static void
quotes_and_escapes_are_undone(void **state)
{
	static const struct {
		const char *sent;
		struct str value;
	} rows[] = {
		{ "\"abc\"", STR_INIT("abc") },
		{ "\"\"", STR_INIT("") },
		{ "\"", STR_INIT("\"") },
		{ "\"abc", STR_INIT("\"abc") },
		{ "abc\"", STR_INIT("abc\"") },
		{ "\" abc \"", STR_INIT(" abc ") },
		{ "\"a%3db\"", STR_INIT("a=b") },
		{ "%22abc%22", STR_INIT("\"abc\"") },
		{ "a%2Bb%2fc%3D", STR_INIT("a+b/c=") },
		{ "a+b", STR_INIT("a+b") },
		{ "%41%6a", STR_INIT("Aj") },
		{ "%2541", STR_INIT("%41") }, /* decoded once */
		{ "%", STR_INIT("%") },
		{ "%4", STR_INIT("%4") },
		{ "%%41", STR_INIT("%A") },
		{ "%zz%4g%g4", STR_INIT("%zz%4g%g4") },
		{ "%00", STR_INIT("\0") },
		{ "a%00b", STR_INIT("a\0b") },
		{ "a%0d%0ab", STR_INIT("a\r\nb") },
		{ "%3b%20", STR_INIT("; ") },
		{ "%c3%a4%ff", STR_INIT("\xc3\xa4\xff") },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char header[64] = PLAIN "=";
		struct str value;

		strncat(header, rows[i].sent, 40);
		assert_int_equal(
		    cookie_find(*state, str_from(header), STR(PLAIN), &value),
		    COOKIE_FOUND);
		assert_str_eq(value, rows[i].value);
	}
}

static void
an_escape_beyond_the_end_is_none(void **state)
{
	const struct str header = STR(PLAIN "=a%41");
	struct str value;

	for (size_t cut = 1; cut <= 2; cut++) {
		struct str head = { header.ptr, header.len - cut };

		assert_int_equal(cookie_find(*state, head, STR(PLAIN), &value),
		    COOKIE_FOUND);
		assert_str(value, cut == 1 ? "a%4" : "a%");
	}
}

static void
hostile_values_are_no_tokens(void **state)
{
	static const struct str headers[] = {
		STR_INIT(PLAIN "=0123456789abcdef\0"),
		STR_INIT(PLAIN "=0123456789\0abcdef"),
		STR_INIT(PLAIN "=0123456789abcdef\r"),
		STR_INIT(PLAIN "=0123456789abcdef\nX: y"),
		STR_INIT(PLAIN "=0123456789abcdef%00"),
		STR_INIT(PLAIN "=0123456789abcdef%0d%0aX:%20y"),
		STR_INIT(PLAIN "=%s%s%s%s%s%s%s%s%s"),
		STR_INIT(PLAIN "=j:{\"a\":\"0123456789abcdef\"}"),
		STR_INIT(PLAIN "=\"0123456789abcdef"),
		STR_INIT(PLAIN "=0123456789abcdef%"),
	};
	enum { HUGE = 8192 };
	char *huge = malloc(HUGE);
	struct str value;

	for (size_t i = 0; i < COUNT(headers); i++) {
		assert_int_equal(
		    cookie_find(*state, headers[i], STR(PLAIN), &value),
		    COOKIE_FOUND);
		assert_false(token_is_wellformed(value));
	}
	assert_non_null(huge);
	memset(huge, 'a', HUGE);
	memcpy(huge, PLAIN "=", sizeof(PLAIN));
	assert_int_equal(
	    cookie_find(*state, (struct str){ huge, HUGE }, STR(PLAIN), &value),
	    COOKIE_FOUND);
	assert_int_equal(value.len, HUGE - sizeof(PLAIN));
	assert_false(token_is_wellformed(value));
	free(huge);
}

static void
a_name_is_not_cut_at_nul(void **state)
{
	struct str value;

	assert_int_equal(
	    cookie_find(*state, STR(PLAIN "\0=abc"), STR(PLAIN), &value),
	    COOKIE_ABSENT);
	assert_int_equal(
	    cookie_find(*state, STR("a\0; " PLAIN "=abc"), STR(PLAIN), &value),
	    COOKIE_FOUND);
	assert_str(value, "abc");
}

static void
two_values_of_a_host_name_are_a_conflict(void **state)
{
	static const struct {
		const char *header;
		enum cookie_found found;
	} rows[] = {
		{ HOST "=abc", COOKIE_FOUND },
		{ HOST "=abc; " HOST "=abc", COOKIE_FOUND },
		{ HOST "=abc; " HOST "=\"a%62c\"", COOKIE_FOUND },
		{ HOST "=abc; x=y; " HOST "=def", COOKIE_CONFLICT },
		{ HOST "=abc; " HOST "=abc; " HOST "=abd", COOKIE_CONFLICT },
		{ HOST "=abc; " HOST "=", COOKIE_CONFLICT },
		{ HOST "=; " HOST "=abc", COOKIE_CONFLICT },
		{ HOST "=abc; " HOST, COOKIE_FOUND },
		{ HOST "=abc; " PLAIN "=def", COOKIE_FOUND },
		{ HOST "=abc; __host-SESSION-TOKEN=def", COOKIE_FOUND },
		{ PLAIN "=abc; " PLAIN "=def", COOKIE_ABSENT },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str value = STR_NONE;
		enum cookie_found found = cookie_find(
		    *state, str_from(rows[i].header), STR(HOST), &value);

		assert_row(found == rows[i].found, rows[i].header);
		assert_str(value, found == COOKIE_FOUND ? "abc" : NULL);
	}
}

static void
login_and_logout_write_the_same_attributes(void **state)
{
	static const struct {
		struct cookie_attributes attributes;
		const char *login, *logout;
	} rows[] = {
		{ { .name = STR_INIT(HOST),
		      .path = STR_INIT("/"),
		      .samesite = STR_INIT("Lax"),
		      .is_secure = true },
		    HOST "=abc; Path=/; Max-Age=604800; HttpOnly; Secure; "
			 "SameSite=Lax",
		    HOST "=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; "
			 "Max-Age=0; HttpOnly; Secure; SameSite=Lax" },
		{ { .name = STR_INIT(PLAIN),
		      .path = STR_INIT("/app"),
		      .domain = STR_INIT("example.org"),
		      .samesite = STR_INIT("Strict") },
		    PLAIN "=abc; Path=/app; Domain=example.org; "
			  "Max-Age=604800; HttpOnly; SameSite=Strict",
		    PLAIN "=; Path=/app; Domain=example.org; "
			  "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; "
			  "HttpOnly; SameSite=Strict" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf login = buf_open(*state, 500);
		struct buf logout = buf_open(*state, 500);

		cookie_set(&login, &rows[i].attributes, STR("abc"), 604800);
		cookie_expire(&logout, &rows[i].attributes);
		assert_str(buf_str(&login), rows[i].login);
		assert_str(buf_str(&logout), rows[i].logout);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_of_a_name_wins),
		cmocka_unit_test(quotes_and_escapes_are_undone),
		cmocka_unit_test(an_escape_beyond_the_end_is_none),
		cmocka_unit_test(hostile_values_are_no_tokens),
		cmocka_unit_test(a_name_is_not_cut_at_nul),
		cmocka_unit_test(two_values_of_a_host_name_are_a_conflict),
		cmocka_unit_test(login_and_logout_write_the_same_attributes),
	};

	return cmocka_run_group_tests_name(
	    "cookie", tests, open_arena, close_arena);
}
