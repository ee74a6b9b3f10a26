/* config/rule: one line, one rule. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "config/rule.h"

/* For the caller to free. */
static char *
print(const struct conf_rules *rules)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < rules->count; i++)
		conf_rule_print(&rules->rules[i], out);
	fclose(out);
	return text;
}

/* A line, and how it is written; NULL: no rule. */
static const struct row {
	const char *line, *printed;
} rows[] = {
	// clang-format off
	{ "/ public", "/ public" },
	{ "/a/b.html login", "/a/b.html login" },
	{ " \t/a/ \t LOGIN ", "/a/ login" },
	{ "/a user alice", "/a user alice" },
	{ "/a user alice@example.org  Bob", "/a user alice@example.org Bob" },
	{ "/a role editor admin", "/a role editor admin" },
	{ "/a role role", "/a role role" },
	{ "/a \"user\" \"alice\"", "/a user alice" },
	{ "/a user \"Alice B\" c", "/a user \"Alice B\" c" },
	{ "/a user Alice\" \"B\"\" c", "/a user \"Alice B\" c" },
	{ "/a user \"\xc3\x84 \tx\"", "/a user \"\xc3\x84 \tx\"" },
	{ "/a user DOMAIN\\bob", "/a user \"DOMAIN\\bob\"" },
	{ "/a user x\"\\\"", "/a user \"x\\\"" },
	{ "/\"My Files\"/x role a", "/\"My Files/x\" role a" },
	{ "\"/My Files\" role a", "/\"My Files\" role a" },
	{ "/.well-known public", "/.well-known public" },
	{ "/index.php/admin login", "/index.php/admin login" },
	{ "/a login OTP", "/a login otp" },
	{ "/a role staff admin\totp ", "/a role staff admin otp" },
	{ "/a role otp staff", "/a role \"otp\" staff" },
	{ "/a role staff \"otp\"", "/a role staff \"otp\"" },
	{ "/a user \"b otp\"", "/a user \"b otp\"" },
	{ "", NULL },
	{ " \t", NULL },
	// clang-format on
};

static void
a_rule_is_read_and_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_rules rules = { 0 }, again = { 0 };
		const char *why = "";
		char *text, *second;

		assert_row(
		    conf_rules_add(&rules, rows[i].line, &why), rows[i].line);
		assert_null(why);
		text = print(&rules);
		assert_int_equal(rules.count, rows[i].printed != NULL);
		if (rows[i].printed != NULL)
			assert_string_equal(text, rows[i].printed);
		assert_true(conf_rules_add(&again, text, &why));
		second = print(&again);
		assert_string_equal(text, second);
		free(text);
		free(second);
		conf_rules_free(&rules);
		conf_rules_free(&again);
	}
}

static void
what_is_no_rule_is_refused(void **state)
{
	static const struct {
		const char *line, *words; /* the beginning of why */
	} bad[] = {
		{ "public", "does not begin" },
		{ "admin login", "does not begin" },
		{ "http://h/a login", "does not begin" },
		{ "\"\" login", "does not begin" },
		{ "//a login", "has a path with //" },
		{ "/a//b login", "has a path with //" },
		{ "/./a login", "has a path with //" },
		{ "/a/../b login", "has a path with //" },
		{ "/a/.. login", "has a path with //" },
		{ "/%61 login", "has a path with //" },
		{ "/a;b login", "has a path with //" },
		{ "/a?b login", "has a path with //" },
		{ "/a#b login", "has a path with //" },
		{ "/a\\b login", "has a path with //" },
		{ "/a\"\t\" login", "has a path with //" },
		{ "/a/* login", "has a *" },
		{ "/*.php login", "has a *" },
		{ "/a", "says nothing" },
		{ "/a \"\"", "says neither" },
		{ "/a users x", "says neither" },
		{ "/a deny", "says neither" },
		{ "/a b login", "says neither" },
		{ "/a public x", "has words behind" },
		{ "/a login x", "has words behind" },
		{ "/a public otp", "asks everybody" },
		{ "/a login x otp", "has words behind" },
		{ "/a otp", "says nothing" },
		{ "/a role otp", "names nobody" },
		{ "/a user", "names nobody" },
		{ "/a role", "names nobody" },
		{ "/a user \"\"", "has an empty name" },
		{ "/a user x \"\"", "has an empty name" },
		{ "/a user \"x", "has a double quote" },
		{ "/a\" login", "has a double quote" },
		{ "/b public", "is the second" },
		{ "/\"b\" user x", "is the second" },
	};
	struct conf_rules rules = { 0 };
	const char *why;

	(void)state;
	assert_true(conf_rules_add(&rules, "/b login", &why));
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_row(
		    !conf_rules_add(&rules, bad[i].line, &why), bad[i].line);
		assert_row(
		    strncmp(why, bad[i].words, strlen(bad[i].words)) == 0, why);
		assert_int_equal(rules.count, 1);
	}
	conf_rules_free(&rules);
	assert_int_equal(rules.count, 0);
}

static void
a_folder_and_what_is_below_it_are_two_paths(void **state)
{
	struct conf_rules rules = { 0 };
	const char *why;

	(void)state;
	assert_true(conf_rules_add(&rules, "/a login", &why));
	assert_true(conf_rules_add(&rules, "/a/ user x", &why));
	assert_false(conf_rules_have_role(&rules));
	assert_true(conf_rules_add(&rules, "/A role x y", &why));
	assert_true(conf_rules_have_role(&rules));
	assert_int_equal(rules.count, 3);
	assert_int_equal(rules.rules[2].kind, CONF_RULE_ROLE);
	assert_str(rules.rules[2].prefix, "/A");
	assert_int_equal(rules.rules[2].name_count, 2);
	assert_str(rules.rules[2].names[1], "y");
	conf_rules_free(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_is_read_and_written),
		cmocka_unit_test(what_is_no_rule_is_refused),
		cmocka_unit_test(a_folder_and_what_is_below_it_are_two_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
