/* apache/fcgi_answer, apache/scope: the parts of mod_sessgate without httpd. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "apache/fcgi_answer.h"
#include "apache/scope.h"
#include "check.h"

#define USER "Status: 200 OK\r\nVariable-REMOTE_USER: alice\r\n"

static void
an_answer_lets_in_by_a_user_or_as_public_and_by_nothing_else(void **state)
{
	static const struct row {
		const char *text;
		enum fcgi_answer_kind kind;
	} rows[] = {
		{ USER "\r\n", FCGI_ANSWER_USER },
		{ "status: 200\nvariable-REMOTE_USER: a\n\n",
		    FCGI_ANSWER_USER },
		{ USER "Variable-REMOTE_USER: bob\r\n\r\n",
		    FCGI_ANSWER_NONSENSE },
		{ "Status: 200 OK\r\nVariable-REMOTE_USER: \r\n\r\n",
		    FCGI_ANSWER_NONSENSE },
		{ "Status: 200 OK\r\n\r\n", FCGI_ANSWER_NONSENSE },
		{ "Status: 200 OK\r\nX-Sessgate-User: alice\r\n\r\n",
		    FCGI_ANSWER_NONSENSE },
		{ "Status: 200 OK\r\nX-Sessgate-Code: public\r\n\r\n",
		    FCGI_ANSWER_STRANGER },
		{ USER "X-Sessgate-Code: public\r\n\r\n",
		    FCGI_ANSWER_NONSENSE },
		{ "Status: 204 x\r\nVariable-REMOTE_USER: a\r\n\r\n",
		    FCGI_ANSWER_NONSENSE },
		{ "Status: 304 x\r\n\r\n", FCGI_ANSWER_NONSENSE },
		{ "Status: 303 x\r\n\r\n", FCGI_ANSWER_NONSENSE },
		{ "Status: 303 x\r\nLocation: /\r\n\r\n", FCGI_ANSWER_REFUSAL },
		{ "Status: 401 x\r\nVariable-REMOTE_USER: a\r\n\r\n",
		    FCGI_ANSWER_REFUSAL },
		{ "Status: 503 x\r\n\r\nbody", FCGI_ANSWER_REFUSAL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fcgi_answer answer;
		char text[256];

		snprintf(text, sizeof(text), "%s", rows[i].text);
		assert_null(fcgi_answer_parse(&answer, text, strlen(text)));
		assert_int_equal(fcgi_answer_kind(&answer), rows[i].kind);
	}
}

static void
a_malformed_head_is_no_answer(void **state)
{
	static const char *const texts[] = { "", "\r\n", "\n",
		"Status: 200 OK\r\n", "Status: 200 OK", USER,
		"Variable-REMOTE_USER: a\r\n\r\n", "Status: 20\r\n\r\n",
		"Status: 2000\r\n\r\n", "Status: 100 x\r\n\r\n",
		"Status: 600 x\r\n\r\n", "Status: -20\r\n\r\n",
		"Status: 403\r\n" USER "\r\n", USER " folded\r\n\r\n",
		USER ": x\r\n\r\n", USER "A B: x\r\n\r\n", USER "A\r\n\r\n",
		USER "A: \001\r\n\r\n", USER "A: \r\r\n\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct fcgi_answer answer;
		char text[256];

		snprintf(text, sizeof(text), "%s", texts[i]);
		assert_non_null(fcgi_answer_parse(&answer, text, strlen(text)));
	}
}

static void
more_fields_than_there_is_room_for_are_refused(void **state)
{
	char text[16 * (FCGI_ANSWER_FIELDS + 2)];
	struct fcgi_answer answer;

	(void)state;
	for (int more = 0; more < 2; more++) {
		size_t len =
		    (size_t)snprintf(text, sizeof(text), "Status: 200 OK\r\n");

		for (int i = 0; i < FCGI_ANSWER_FIELDS + more; i++)
			len += (size_t)snprintf(
			    text + len, sizeof(text) - len, "A: b\r\n");
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\r\n");
		assert_int_equal(
		    fcgi_answer_parse(&answer, text, len) == NULL, more == 0);
	}
}

static void
a_scope_covers_what_its_rule_does(void **state)
{
	static const struct row {
		const char *scope, *path;
		bool is_covered;
	} rows[] = {
		{ "/", "/a/b", true },
		{ "/", "", false },
		{ "/a", "/a", true },
		{ "/a", "/a/b", true },
		{ "/a", "/ab", false },
		{ "/a/", "/a", false },
		{ "/a/", "/a/b", true },
		{ "/a/;/a/b", "/a/c", true },
		{ "/a/;/a/b", "/a/b", false },
		{ "/a/;/a/b", "/a/b/c", false },
		{ "/a/;/a/b", "/a/bc", true },
		{ "/a/;/a/b;/a/c/", "/a/c/d", false },
		{ "/a/;/a/b;/a/c/", "/a/c", true },
		{ "/", "/a//b", false },
		{ "/", "/a/../b", false },
		{ "/", "/a;b", false },
		{ "/", "/a%62", false },
		{ "/", "/a\\b", false },
		{ "/", "/a\nb", false },
		{ "", "/a", false },
		{ ";/", "/a", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (scope_covers(rows[i].scope, rows[i].path) !=
		    rows[i].is_covered)
			fail_msg("%s: %s", rows[i].scope, rows[i].path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_answer_lets_in_by_a_user_or_as_public_and_by_nothing_else),
		cmocka_unit_test(a_malformed_head_is_no_answer),
		cmocka_unit_test(
		    more_fields_than_there_is_room_for_are_refused),
		cmocka_unit_test(a_scope_covers_what_its_rule_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
