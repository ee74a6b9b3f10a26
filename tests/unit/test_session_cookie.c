/* app/session_cookie: which tokens reach a store */
#include "config.h"

#include "app_fixture.h"

#define AUTH "/sessgate/auth"
#define NAME "__Host-SESSION-TOKEN="
#define GENUINE \
	"0123456789abcdefghijklmnopqrstuvwxyzABCDEFG.4vojOKtIrqsJ1y7ELAIMhg"
#define FORGED \
	"0123456789abcdefghijklmnopqrstuvwxyzABCDEFG.0123456789012345678901"

static int
open_with_keys(void **state)
{
	struct fixture *fixture;

	fixture_open(state);
	fixture = *state;
	fixture->conf.secrets = (struct conf_secrets){
		.secrets = { STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") },
		.count = 1
	};
	memory_add_session(&fixture->memory, GENUINE, STR("42"));
	memory_add_session(&fixture->memory, FORGED, STR("42"));
	return 0;
}

/* How often the store was asked for a session with this cookie. */
static int
asks(struct fixture *fixture, const char *cookie, int status)
{
	int before = fixture->memory.session_reads;

	assert_row(fixture_get(fixture, AUTH, cookie) == status, cookie);
	return fixture->memory.session_reads - before;
}

static void
a_token_with_a_bad_tag_never_reaches_the_store(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(asks(fixture, NAME GENUINE, 200), 1);
	assert_int_equal(asks(fixture, NAME FORGED, 403), 0);
	assert_answer(fixture, "X-Sessgate-Code: session_invalid\r\n");
	assert_int_equal(asks(fixture, NAME TOKEN, 403), 0);
	fixture->conf.session_key = CONF_KEY_MIGRATE;
	fixture->conf.session_untagged = true;
	assert_int_equal(asks(fixture, NAME FORGED, 403), 0);
}

static void
a_token_without_a_tag_does_where_it_may(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.session_untagged = true;
	assert_int_equal(asks(fixture, NAME TOKEN, 200), 1);
	fixture->conf.session_untagged = false;
	fixture->conf.session_key = CONF_KEY_PLAIN;
	assert_int_equal(asks(fixture, NAME TOKEN, 200), 1);
	fixture->conf.session_key = CONF_KEY_MIGRATE;
	assert_int_equal(asks(fixture, NAME TOKEN, 200), 1);
}

static void
without_keys_a_tag_is_part_of_the_token(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.secrets.count = 0;
	assert_int_equal(asks(fixture, NAME GENUINE, 200), 1);
	assert_int_equal(asks(fixture, NAME FORGED, 200), 1);
}

static void
logout_forgets_a_forged_token_and_ends_nothing(void **state)
{
	struct fixture *fixture = *state;

	fixture_post(fixture, "/sessgate/logout", "");
	fixture->request.cookie = STR(NAME FORGED);
	assert_int_equal(fixture_ask(fixture), 200);
	assert_answer(fixture, "Set-Cookie: " NAME "; Path=/; Expires=");
	fixture->conf.secrets.count = 0;
	assert_int_equal(asks(fixture, NAME FORGED, 200), 1);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_with_keys, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(a_token_with_a_bad_tag_never_reaches_the_store),
		TEST(a_token_without_a_tag_does_where_it_may),
		TEST(without_keys_a_tag_is_part_of_the_token),
		TEST(logout_forgets_a_forged_token_and_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
