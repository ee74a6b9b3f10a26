/* app/readiness, and /readyz */
#include "config.h"

#include "app_fixture.h"

/* From an address that [ops] access names. */
static int
ask_ready(struct fixture *fixture)
{
	static struct conf_net here;

	assert_true(conf_net_read(STR("127.0.0.1"), &here));
	fixture->conf.ops_access =
	    (struct conf_nets){ .nets = &here, .count = 1 };
	fixture->request = (struct request){ .method = STR("GET"),
		.path = STR("/sessgate/readyz"),
		.remote_addr = STR("127.0.0.1") };
	return fixture_ask(fixture);
}

static void
both_stores_are_told_with_their_reasons(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	fixture->memory.users_result = RESULT_MYSQL_DOWN;
	assert_int_equal(ask_ready(fixture), 503);
	assert_str(buf_str(&fixture->reply.body),
	    "{\"message\":\"Service temporarily unavailable\","
	    "\"redis\":\"SET probe:*: OOM\","
	    "\"mysql\":\"user_by_login: no \\\"users\\\"\"}");
}

static void
the_stores_are_asked_once_a_second(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 100; i++)
		assert_int_equal(ask_ready(fixture), 200);
	assert_int_equal(fixture->memory.pings, 1);
	assert_str(buf_str(&fixture->reply.body), "{\"message\":\"OK\"}");
}

/* Without a place the request is put back, and the next one asks. */
static void
a_request_that_steps_back_leaves_no_answer(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.users_result = RESULT_FULL;
	assert_int_equal(ask_ready(fixture), -1);
	assert_int_equal(fixture->memory.pings, 0);
	fixture->memory.users_result = RESULT_OK;
	assert_int_equal(ask_ready(fixture), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    both_stores_are_told_with_their_reasons, fixture_open,
		    fixture_close),
		cmocka_unit_test_setup_teardown(
		    the_stores_are_asked_once_a_second, fixture_open,
		    fixture_close),
		cmocka_unit_test_setup_teardown(
		    a_request_that_steps_back_leaves_no_answer, fixture_open,
		    fixture_close),
	};

	return cmocka_run_group_tests_name("readiness", tests, NULL, NULL);
}
