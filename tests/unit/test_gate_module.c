/* app/handle/gate: what mod_sessgate receives beside the identity */
#include "config.h"

#include "app_fixture.h"

static void
ask_for(struct fixture *fixture, const char *target, const char *cookie,
    const char *role)
{
	fixture->request = (struct request){ .is_authorizer = true,
		.method = STR("GET"),
		.target = str_from(target),
		.role = str_from(role),
		.cookie = str_from(cookie) };
}

static void
a_page_without_a_user_is_said_to_be_public(void **state)
{
	struct fixture *fixture = *state;
	const char *why;

	assert_true(
	    conf_rules_add(&fixture->conf.gate_rule, "/open public", &why));
	ask_for(fixture, "/open/x", "", "gate");
	assert_int_equal(fixture_ask(fixture), 200);
	assert_answer(fixture, "X-Sessgate-Code: public\r\n");
	assert_answer(fixture, "X-Sessgate-Scope: /open\r\n");
	assert_no_answer(fixture, "Variable-");
	ask_for(fixture, "/open/x", COOKIE, "gate");
	assert_int_equal(fixture_ask(fixture), 200);
	assert_answer(fixture, "Variable-REMOTE_USER: a@example.org\r\n");
	assert_no_answer(fixture, "X-Sessgate-Code");
	conf_rules_free(&fixture->conf.gate_rule);
}

static void
another_authorizer_would_pass_it_on_to_the_browser(void **state)
{
	struct fixture *fixture = *state;
	const char *why;

	assert_true(
	    conf_rules_add(&fixture->conf.gate_rule, "/open public", &why));
	for (int is_known = 0; is_known < 2; is_known++) {
		ask_for(fixture, "/open/x", is_known ? COOKIE : "", "");
		assert_int_equal(fixture_ask(fixture), 200);
		assert_no_answer(fixture, "X-");
	}
	conf_rules_free(&fixture->conf.gate_rule);
}

static void
the_scope_is_of_paths_with_one_reading(void **state)
{
	struct fixture *fixture = *state;

	ask_for(fixture, "/a/b", COOKIE, "gate");
	assert_int_equal(fixture_ask(fixture), 200);
	assert_answer(fixture, "X-Sessgate-Scope: /\r\n");
	ask_for(fixture, "/a//b", COOKIE, "gate");
	assert_int_equal(fixture_ask(fixture), 200);
	assert_no_answer(fixture, "X-Sessgate-Scope");
	ask_for(fixture, "/a/b", "", "gate");
	assert_int_equal(fixture_ask(fixture), 401);
	assert_no_answer(fixture, "X-Sessgate-Scope");
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(a_page_without_a_user_is_said_to_be_public),
		TEST(another_authorizer_would_pass_it_on_to_the_browser),
		TEST(the_scope_is_of_paths_with_one_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
