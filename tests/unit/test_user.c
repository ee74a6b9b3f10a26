/* app/handle/user: changing a profile */
#include "config.h"

#include "app_fixture.h"

#define ME "/sessgate/user/me"

static int
change(struct fixture *fixture, const char *method, const char *path,
    const char *body)
{
	fixture->request = (struct request){ .method = str_from(method),
		.path = str_from(path),
		.cookie = STR(COOKIE),
		.content_type = STR("application/json"),
		.body = str_from(body) };
	return fixture_ask(fixture);
}

static void
patch_changes_what_it_names(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    change(fixture, "PATCH", ME, "{\"image\":\"/i.png\"}"), 200);
	assert_answer(fixture,
	    "{\"message\":\"User updated\",\"user\":{\"id\":\"42\",\"name\":"
	    "\"A\",\"email\":\"a@example.org\",\"image\":\"/i.png\"}}");
	assert_int_equal(
	    change(fixture, "PATCH", "/sessgate/user/42", "{\"name\":\"B\"}"),
	    200);
	assert_answer(fixture, "\"name\":\"B\"");
	assert_answer(fixture, "\"image\":\"/i.png\"");
	assert_int_equal(change(fixture, "PATCH", ME, "{\"image\":null}"), 200);
	assert_no_answer(fixture, "image");
	assert_int_equal(change(fixture, "PATCH", ME, "{}"), 200);
}

static void
put_names_all(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(change(fixture, "PUT", ME, "{\"name\":\"B\"}"), 400);
	assert_int_equal(
	    change(fixture, "PUT", ME, "{\"name\":\"B\",\"image\":null}"), 200);
	fixture->memory.user_table.editable = 1u << USER_NAME;
	assert_int_equal(change(fixture, "PUT", ME, "{\"name\":\"C\"}"), 200);
	assert_int_equal(change(fixture, "PATCH", ME, "{\"image\":null}"), 400);
}

static void
bodies_that_change_nothing(void **state)
{
	static const char *const bodies[] = { "", "[]", "{", "null",
		"{\"name\":1}", "{\"name\":{}}", "{\"email\":\"b@x\"}",
		"{\"name\":\"B\",\"id\":\"7\"}", "{\"Name\":\"B\"}",
		"{\"name\":true}" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(bodies); i++) {
		assert_row(
		    change(fixture, "PATCH", ME, bodies[i]) == 400, bodies[i]);
		assert_row(
		    change(fixture, "PUT", ME, bodies[i]) == 400, bodies[i]);
	}
	assert_str(fixture->memory.table[0].name, "A");
}

static void
only_ones_own(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    change(fixture, "PATCH", "/sessgate/user/7", "{}"), 404);
	fixture->conf.user_access = CONF_ACCESS_AUTHENTICATED;
	assert_int_equal(
	    change(fixture, "PATCH", "/sessgate/user/7", "{}"), 403);
	fixture->conf.user_access = CONF_ACCESS_PUBLIC;
	assert_int_equal(
	    change(fixture, "PATCH", "/sessgate/user/7", "{}"), 403);
	fixture->request.cookie = STR_NONE;
	assert_int_equal(fixture_ask(fixture), 401);
	fixture->memory.user_count = 0;
	assert_int_equal(change(fixture, "PATCH", ME, "{}"), 403);
	assert_answer(fixture, "X-Sessgate-Code: session_user_gone");
}

static void
forms_and_outages_change_nothing(void **state)
{
	struct fixture *fixture = *state;

	change(fixture, "PATCH", ME, "name=B");
	fixture->request.content_type =
	    STR("application/x-www-form-urlencoded");
	assert_int_equal(fixture_ask(fixture), 415);
	fixture->memory.users_result = RESULT_MYSQL_DOWN;
	assert_int_equal(change(fixture, "PATCH", ME, "{\"name\":\"B\"}"), 503);
	assert_answer(fixture, "X-Sessgate-Code: mysql_unavailable");
	fixture->memory.users_result = RESULT_BAD;
	assert_int_equal(change(fixture, "PATCH", ME, "{\"name\":\"B\"}"), 400);
}

static void
where_nothing_can_be_changed_it_is_not_there(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.user_table.editable = 0;
	assert_int_equal(change(fixture, "PATCH", ME, "{}"), 405);
	assert_answer(fixture, "Allow: GET, HEAD, OPTIONS\r\n");
	fixture->memory.user_table.editable = 1u << USER_NAME;
	fixture->request.method = STR("OPTIONS");
	assert_int_equal(fixture_ask(fixture), 204);
	assert_answer(fixture, "Allow: GET, HEAD, PATCH, PUT, OPTIONS\r\n");
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(patch_changes_what_it_names),
		TEST(put_names_all),
		TEST(bodies_that_change_nothing),
		TEST(only_ones_own),
		TEST(forms_and_outages_change_nothing),
		TEST(where_nothing_can_be_changed_it_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
