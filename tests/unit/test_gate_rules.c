/* app/gate_rules: which path asks for what, and whom that admits. */
#include "config.h"

#include <stdio.h>

#include "app/gate_rules.h"
#include "check.h"

enum { RULES_MAX = 8 };

static struct conf_rules
make_rules(const char *const lines[RULES_MAX])
{
	struct conf_rules rules = { 0 };

	for (int i = 0; i < RULES_MAX && lines[i] != NULL; i++) {
		const char *why;

		assert_row(conf_rules_add(&rules, lines[i], &why), lines[i]);
	}
	return rules;
}

/* A site with something of each kind; /index.php is its front controller. */
static const char *const site[RULES_MAX] = {
	"/public public",
	"/public/drafts user alice \"Bob C\"",
	"/admin role admin",
	"/admin/help login",
	"/admin/logo.png public",
	"/editor/ role editor admin",
	"/files/\"for all\" public",
};

/* The prefix of the rule that decides about a target. */
enum { NO_RULE, ALL_RULES, ONE_RULE };

static const struct find_row {
	const char *target;
	int kind;
	const char *prefix;
} find_rows[] = {
	// clang-format off
	{ "/public", ONE_RULE, "/public" },
	{ "/public/", ONE_RULE, "/public" },
	{ "/public/a/b.php/c", ONE_RULE, "/public" },
	{ "/public?/admin", ONE_RULE, "/public" },
	{ "/%70ublic/x", ONE_RULE, "/public" },
	{ "http://h/public/x", ONE_RULE, "/public" },
	{ "/public/drafts", ONE_RULE, "/public/drafts" },
	{ "/public/draft%73/x", ONE_RULE, "/public/drafts" },
	{ "/public/drafts2", ONE_RULE, "/public" },
	{ "/public/drafts.html", ONE_RULE, "/public" },
	{ "/files/for%20all/x", ONE_RULE, "/files/for all" },
	{ "/admin", ONE_RULE, "/admin" },
	{ "/admin/", ONE_RULE, "/admin" },
	{ "/%61dmin/x", ONE_RULE, "/admin" },
	{ "/admin/help", ONE_RULE, "/admin/help" },
	{ "/admin/help/../x", ALL_RULES, NULL },
	{ "/admin/helpers", ONE_RULE, "/admin" },
	{ "/admin/logo.png", ONE_RULE, "/admin/logo.png" },
	{ "/admin/logo.png/x.php", ONE_RULE, "/admin/logo.png" },
	{ "/admin/logo.png.php", ONE_RULE, "/admin" },
	{ "/editor", NO_RULE, NULL },
	{ "/editor/", ONE_RULE, "/editor/" },
	{ "/editor/x", ONE_RULE, "/editor/" },
	{ "/editors/x", NO_RULE, NULL },
	{ "/", NO_RULE, NULL },
	{ "/publi", NO_RULE, NULL },
	{ "/publicx", NO_RULE, NULL },
	{ "/public.html", NO_RULE, NULL },
	{ "/Public", NO_RULE, NULL },
	{ "/ADMIN/x", NO_RULE, NULL },
	{ "/administrator", NO_RULE, NULL },
	{ "/x/public", NO_RULE, NULL },
	{ "/index.php/public", NO_RULE, NULL },
	{ "/index.php/admin", NO_RULE, NULL },
	/* no plain path: never public, and no way around a rule */
	{ NULL, ALL_RULES, NULL },
	{ "", ALL_RULES, NULL },
	{ "*", ALL_RULES, NULL },
	{ "public", ALL_RULES, NULL },
	{ "//public", ALL_RULES, NULL },
	{ "/public//x", ALL_RULES, NULL },
	{ "//admin/x", ALL_RULES, NULL },
	{ "/./admin/x", ALL_RULES, NULL },
	{ "/x/../admin/x", ALL_RULES, NULL },
	{ "/public/../admin/x", ALL_RULES, NULL },
	{ "/public/%2e%2e/admin/x", ALL_RULES, NULL },
	{ "/public/..%2fadmin/x", ALL_RULES, NULL },
	{ "/public/..%5cadmin/x", ALL_RULES, NULL },
	{ "/public/..;/admin/x", ALL_RULES, NULL },
	{ "/public/x.php/../../admin", ALL_RULES, NULL },
	{ "/public/%252e%252e/admin", ALL_RULES, NULL },
	{ "/public/%c0%ae%c0%ae/admin", ALL_RULES, NULL },
	{ "/public#/../admin", ALL_RULES, NULL },
	{ "/public%3f/../../admin", ALL_RULES, NULL },
	{ "/public%00/admin", ALL_RULES, NULL },
	{ "/%2561dmin/x", ALL_RULES, NULL },
	{ "/admin%2fx", ALL_RULES, NULL },
	{ "/%2fadmin/x", ALL_RULES, NULL },
	{ "\\admin\\x", ALL_RULES, NULL },
	{ "/\\admin", ALL_RULES, NULL },
	{ "/admin;x/y", ALL_RULES, NULL },
	{ "/%zz/../admin", ALL_RULES, NULL },
	{ "http://h//admin", ALL_RULES, NULL },
	{ "http://public/../admin", ALL_RULES, NULL },
	{ "http:/public", ALL_RULES, NULL },
	{ "http://u@h/public", ALL_RULES, NULL },
	// clang-format on
};

static void
the_longest_prefix_decides_for_a_plain_path(void **state)
{
	struct arena *arena = arena_open();
	struct conf_rules rules = make_rules(site);

	(void)state;
	for (size_t i = 0; i < COUNT(find_rows); i++) {
		const struct find_row *row = &find_rows[i];
		const char *target = row->target ? row->target : "(absent)";
		struct gate_rules_demand demand =
		    gate_rules_find(&rules, arena, str_from(row->target));

		if (row->kind == ALL_RULES) {
			assert_row(demand.count == rules.count, target);
			assert_row(!demand.is_public, target);
			continue;
		}
		assert_row(demand.count == (row->kind == ONE_RULE), target);
		if (demand.count == 1)
			assert_str(demand.rules[0].prefix, row->prefix);
		assert_row(demand.is_public ==
			       (demand.count == 1 &&
				   demand.rules[0].kind == CONF_RULE_PUBLIC),
		    target);
	}
	conf_rules_free(&rules);
	arena_close(arena);
}

/* Nobody, or a user; and whether the path opens. */
static const struct admit_row {
	const char *lines[RULES_MAX];
	const char *target, *login;
	const char *roles[2];
	bool is_open;
} admit_rows[] = {
	// clang-format off
	{ { NULL }, "/", NULL, { NULL }, false },
	{ { NULL }, "/", "alice", { NULL }, true },
	{ { NULL }, "//", NULL, { NULL }, false },
	{ { NULL }, "//", "alice", { NULL }, true },
	{ { "/ public" }, "/a", NULL, { NULL }, true },
	{ { "/ public" }, "/a", "alice", { NULL }, true },
	{ { "/ public" }, "//a", NULL, { NULL }, false },
	{ { "/ public" }, "//a", "alice", { NULL }, true },
	{ { "/ public", "/a login" }, "/a", NULL, { NULL }, false },
	{ { "/ public", "/a login" }, "//a", "alice", { NULL }, true },
	{ { "/a login", "/ public" }, "/b", NULL, { NULL }, true },
	{ { "/ login" }, "/", "alice", { NULL }, true },
	{ { "/ user alice bob" }, "/", "alice", { NULL }, true },
	{ { "/ user alice bob" }, "/", "bob", { NULL }, true },
	{ { "/ user alice bob" }, "/", NULL, { NULL }, false },
	{ { "/ user alice bob" }, "/", "", { NULL }, false },
	{ { "/ user alice bob" }, "/", "Alice", { NULL }, false },
	{ { "/ user alice bob" }, "/", "alic", { NULL }, false },
	{ { "/ user alice bob" }, "/", "alice ", { NULL }, false },
	{ { "/ user alice bob" }, "/", "alice bob", { NULL }, false },
	{ { "/ user alice bob" }, "/", "eve", { "alice", "bob" }, false },
	{ { "/ user \"a b\"" }, "/", "a b", { NULL }, true },
	{ { "/ role admin staff" }, "/", "eve", { "staff" }, true },
	{ { "/ role admin staff" }, "/", "eve", { "x", "admin" }, true },
	{ { "/ role admin staff" }, "/", "eve", { "Admin", "" }, false },
	{ { "/ role admin staff" }, "/", "admin", { NULL }, false },
	{ { "/ role admin" }, "/", NULL, { "admin" }, false },
	/* a disguise opens what all rules together would */
	{ { "/a role admin" }, "/b", "eve", { NULL }, true },
	{ { "/a role admin" }, "//a", "eve", { NULL }, false },
	{ { "/a role admin" }, "//b", "eve", { NULL }, false },
	{ { "/a role admin" }, "//a", "eve", { "admin" }, true },
	{ { "/a role admin" }, "//a", NULL, { "admin" }, false },
	{ { "/ public", "/a role admin" }, "/b/../a", "eve", { NULL }, false },
	{ { "/a role admin", "/b user bob" }, "//a", "eve", { "admin" }, false },
	{ { "/a role admin", "/b user bob" }, "//a", "bob", { NULL }, false },
	{ { "/a role admin", "/b user bob" }, "//a", "bob", { "admin" }, true },
	{ { "/a login", "/a/b user bob" }, "/a//b", "eve", { NULL }, false },
	// clang-format on
};

static void
a_path_opens_for_those_whom_its_rule_names(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(admit_rows); i++) {
		const struct admit_row *row = &admit_rows[i];
		struct conf_rules rules = make_rules(row->lines);
		struct gate_rules_demand demand =
		    gate_rules_find(&rules, arena, str_from(row->target));
		struct str roles[2];
		size_t role_count = 0;
		bool is_open;
		char what[80];

		for (; role_count < 2 && row->roles[role_count]; role_count++)
			roles[role_count] = str_from(row->roles[role_count]);
		is_open = demand.is_public ||
			  (row->login != NULL &&
			      gate_rules_admit(&demand, str_from(row->login),
				  roles, role_count));
		snprintf(what, sizeof(what), "%zu: %s for %s", i, row->target,
		    row->login != NULL ? row->login : "nobody");
		assert_row(is_open == row->is_open, what);
		conf_rules_free(&rules);
	}
	arena_close(arena);
}

/* The behaviour of a gate that forgot to ask first. */
static void
nobody_is_none_of_the_names(void **state)
{
	static const char *const lines[RULES_MAX] = { "/u user x",
		"/r role x" };
	struct arena *arena = arena_open();
	struct conf_rules rules = make_rules(lines);
	struct gate_rules_demand user =
	    gate_rules_find(&rules, arena, STR("/u"));
	struct gate_rules_demand role =
	    gate_rules_find(&rules, arena, STR("/r"));
	const struct str none = STR_NONE, empty = STR("");

	(void)state;
	assert_false(gate_rules_admit(&user, none, NULL, 0));
	assert_false(gate_rules_admit(&user, empty, NULL, 0));
	assert_false(gate_rules_admit(&role, none, NULL, 0));
	assert_false(gate_rules_admit(&role, none, &none, 1));
	assert_false(gate_rules_admit(&role, empty, &empty, 1));
	conf_rules_free(&rules);
	arena_close(arena);
}

static void
a_scope_is_the_prefix_and_the_rules_below_it(void **state)
{
	static const struct row {
		const char *target, *scope;
	} rows[] = {
		{ "/public/x", "/public;/public/drafts" },
		{ "/public/drafts/x", "/public/drafts" },
		{ "/admin?/public", "/admin;/admin/help;/admin/logo.png" },
		{ "/x", "/;/public;/public/drafts;/admin;/admin/help;"
			"/admin/logo.png;/editor/;/files/for all" },
		{ "/public/../admin", NULL },
		{ "//x", NULL },
	};
	struct arena *arena = arena_open();
	struct conf_rules rules = make_rules(site), none = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_str(
		    gate_rules_scope(&rules, arena, str_from(rows[i].target)),
		    rows[i].scope);
	assert_str(gate_rules_scope(&none, arena, STR("/x")), "/");
	conf_rules_free(&rules);
	arena_close(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_decides_for_a_plain_path),
		cmocka_unit_test(a_path_opens_for_those_whom_its_rule_names),
		cmocka_unit_test(nobody_is_none_of_the_names),
		cmocka_unit_test(a_scope_is_the_prefix_and_the_rules_below_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
