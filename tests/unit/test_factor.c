/* app/handle/factor: one's own second factor, and its recovery codes */
#include "config.h"

#include "app_fixture.h"
#include "secret/recovery.h"
#include "secret/totp.h"

#define PAGE "/sessgate/account/totp"
#define HERE "Location: " PAGE "\r\n"
#define SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define RECOVERY "0123-4567-89ab-cdef-ghjk-mnpq"
#define STEP 60000000

static int
open_with_update(void **state)
{
	struct fixture *fixture;

	fixture_open_with_password(state);
	fixture = *state;
	fixture->memory.now_ms = STEP * INT64_C(30000);
	fixture->memory.has_totp = true;
	fixture->memory.user_table.has_set_totp = true;
	return 0;
}

static int
open_with_recovery(void **state)
{
	struct fixture *fixture;

	open_with_update(state);
	fixture = *state;
	fixture->memory.user_table.has_set_recovery = true;
	return 0;
}

/* The user has a second factor, and one recovery code. */
static void
give_factor(struct fixture *fixture)
{
	fixture->memory.table[0].totp = STR(SECRET);
	fixture->memory.table[0].recovery =
	    recovery_hash(fixture->call.arena, STR(RECOVERY));
}

static struct str
totp_of(const struct fixture *fixture)
{
	return fixture->memory.table[0].totp;
}

static struct str
list_of(const struct fixture *fixture)
{
	return fixture->memory.table[0].recovery;
}

/* more: fields in front, ended by `&`; NULL for no code. */
static int
send(struct fixture *fixture, const char *more, const char *password,
    const char *code)
{
	char *body = arena_alloc(fixture->call.arena, 512);

	snprintf(body, 512, "%suser=42&current=%s%s%s", more, password,
	    code != NULL ? "&code=" : "", code != NULL ? code : "");
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(PAGE),
		.cookie = STR(COOKIE),
		.content_type = STR("application/x-www-form-urlencoded"),
		.body = str_from(body),
		.sec_fetch_site = STR("same-origin") };
	return fixture_ask(fixture);
}

/* The code of the secret that many steps from now. */
static const char *
code_at(struct fixture *fixture, int steps)
{
	struct totp_secret secret;
	char *code = arena_alloc(fixture->call.arena, 16);

	assert_true(totp_secret_read(STR(SECRET), &secret));
	snprintf(code, 16, "%06u",
	    (unsigned)totp_code(&secret, (uint64_t)(STEP + steps)));
	return code;
}

#define SET "secret=" SECRET "&"
#define NEW_CODES "codes=new&"

static void
the_page_has_a_new_secret_or_the_way_to_remove_it(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fixture_get(fixture, PAGE, COOKIE), 200);
	assert_answer(fixture, "name=\"secret\" value=\"");
	assert_answer(fixture, "otpauth://totp/a%40example.org?secret=");
	assert_answer(fixture, "<button>Set up</button>");
	assert_no_answer(fixture, "ecovery");
	fixture->memory.table[0].totp = STR(SECRET);
	assert_int_equal(fixture_get(fixture, PAGE, COOKIE), 200);
	assert_answer(fixture, "<button>Remove</button>");
	assert_no_answer(fixture, "otpauth:");
	assert_no_answer(fixture, SECRET);
	assert_no_answer(fixture, "ecovery");
	assert_no_answer(fixture, "{{");
}

static void
nobody_gets_it_without_a_session_or_a_table(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fixture_get(fixture, PAGE, NULL), 303);
	assert_answer(fixture,
	    "Location: /sessgate/login?next=%2Fsessgate%2Faccount%2Ftotp\r\n");
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(fixture_get(fixture, PAGE, COOKIE), 503);
	fixture->memory.sessions_result = RESULT_OK;
	fixture->memory.user_table.has_set_totp = false;
	assert_int_equal(fixture_get(fixture, PAGE, COOKIE), 404);
	assert_int_equal(send(fixture, SET, "secret", "1"), 404);
	fixture->memory.user_table.has_set_totp = true;
	fixture->memory.has_totp = false;
	assert_int_equal(fixture_get(fixture, PAGE, COOKIE), 404);
}

static void
a_first_code_sets_it(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(send(fixture, SET, "secret", NULL), 403);
	assert_int_equal(send(fixture, SET, "secret", "000000"), 403);
	assert_int_equal(
	    send(fixture, SET, "Secret", code_at(fixture, 0)), 403);
	assert_answer(fixture, "X-Sessgate-Code: password_wrong\r\n");
	assert_answer(fixture, "name=\"secret\" value=\"" SECRET "\"");
	assert_int_equal(send(fixture, SET, "", code_at(fixture, 0)), 400);
	assert_str(totp_of(fixture), NULL);
	assert_int_equal(
	    send(fixture, SET, "secret", code_at(fixture, 0)), 303);
	assert_answer(fixture, "Location: /sessgate/account?done=factor\r\n");
	assert_str(totp_of(fixture), SECRET);
	assert_str(list_of(fixture), NULL);
	assert_int_equal(
	    send(fixture, SET, "secret", code_at(fixture, 1)), 303);
	assert_answer(fixture, HERE); /* it is set already */
}

static void
only_secrets_of_the_page_are_taken(void **state)
{
	static const char *const secrets[] = { "secret=&",
		"secret=GEZDGNBVGY3TQOJQ&", "secret=0&",
		"secret=" SECRET "GEZDGNBV&" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(secrets); i++) {
		assert_row(send(fixture, secrets[i], "secret", "1") == 400,
		    secrets[i]);
		assert_answer(fixture, "href=\"" PAGE "\"");
		assert_str(totp_of(fixture), NULL);
	}
}

static void
setting_it_shows_recovery_codes_once(void **state)
{
	struct fixture *fixture = *state;
	struct arena *arena = fixture->call.arena;
	struct str list, left;
	const char *at;

	fixture->memory.table[0].recovery =
	    recovery_hash(arena, STR(RECOVERY)); /* of a former factor */
	assert_int_equal(send(fixture, SET, "secret", RECOVERY), 403);
	assert_int_equal(
	    send(fixture, SET, "secret", code_at(fixture, 0)), 200);
	assert_answer(fixture, "<h1>Your recovery codes</h1>");
	assert_answer(fixture, "role=\"status\"");
	list = list_of(fixture);
	at = strstr(fixture->answer, "<pre>") + 5;
	for (int i = 0; i < RECOVERY_CODES; i++) {
		struct str code = { at, RECOVERY_SHOWN_LEN };

		assert_true(recovery_without(
		    arena, list, recovery_hash(arena, code), &left));
		list = left;
		at += RECOVERY_SHOWN_LEN + 1;
	}
	assert_str(list, "");
	assert_int_equal(fixture_get(fixture, PAGE, COOKIE), 200);
	assert_answer(fixture, "Recovery codes left: <strong>10</strong>");
	assert_no_answer(fixture, "<pre>");
}

static void
it_is_removed_with_its_codes(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(send(fixture, "", "secret", "000000"), 303);
	assert_answer(fixture, HERE); /* there is none */
	give_factor(fixture);
	assert_int_equal(send(fixture, "", "Secret", code_at(fixture, 0)), 403);
	assert_int_equal(send(fixture, "", "secret", "000000"), 403);
	assert_answer(fixture, "The password or the code is wrong.");
	assert_answer(fixture, ">Remove</button>");
	fixture->memory.claim_result = RESULT_REDIS_DOWN;
	assert_int_equal(send(fixture, "", "secret", code_at(fixture, 0)), 503);
	assert_str(totp_of(fixture), SECRET);
	fixture->memory.claim_result = RESULT_OK;
	assert_int_equal(send(fixture, "", "secret", code_at(fixture, 0)), 303);
	assert_answer(
	    fixture, "Location: /sessgate/account?done=factor-removed\r\n");
	assert_str(totp_of(fixture), NULL);
	assert_str(list_of(fixture), NULL);
	give_factor(fixture);
	assert_int_equal(send(fixture, "", "secret", code_at(fixture, 0)), 403);
	assert_int_equal(send(fixture, "", "secret", RECOVERY), 303);
	assert_str(totp_of(fixture), NULL);
	assert_str(list_of(fixture), NULL);
}

static void
new_codes_replace_the_others(void **state)
{
	struct fixture *fixture = *state;
	struct arena *arena = fixture->call.arena;
	struct str hash = recovery_hash(arena, STR(RECOVERY)), left;

	give_factor(fixture);
	assert_int_equal(send(fixture, NEW_CODES, "secret", "000000"), 403);
	assert_str_eq(list_of(fixture), hash);
	assert_int_equal(
	    send(fixture, NEW_CODES, "secret", code_at(fixture, 0)), 200);
	assert_answer(fixture, "<pre>");
	assert_no_answer(fixture, "role=\"status\"");
	assert_int_equal(recovery_count(list_of(fixture)), RECOVERY_CODES);
	assert_false(recovery_without(arena, list_of(fixture), hash, &left));
	assert_str(totp_of(fixture), SECRET);
	assert_int_equal(
	    send(fixture, NEW_CODES, "secret", code_at(fixture, 0)), 403);
	assert_int_equal(send(fixture, NEW_CODES, "secret", RECOVERY), 403);
	give_factor(fixture);
	assert_int_equal(send(fixture, NEW_CODES, "secret", RECOVERY), 200);
	assert_int_equal(recovery_count(list_of(fixture)), RECOVERY_CODES);
}

static void
without_the_statement_there_are_no_new_codes(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.table[0].totp = STR(SECRET);
	assert_int_equal(
	    send(fixture, NEW_CODES, "secret", code_at(fixture, 0)), 400);
	assert_str(totp_of(fixture), SECRET); /* nor is it removed */
}

/* Another tab makes new ones between our read and our write. */
static void
replace_list(struct memory *memory)
{
	memory->on_recovery_write = NULL;
	memory->table[0].recovery = STR("another");
}

static void
a_list_that_changed_meanwhile_stays(void **state)
{
	struct fixture *fixture = *state;

	give_factor(fixture);
	fixture->memory.on_recovery_write = replace_list;
	assert_int_equal(
	    send(fixture, NEW_CODES, "secret", code_at(fixture, 0)), 303);
	assert_answer(fixture, HERE);
	assert_str(list_of(fixture), "another");
}

static void
a_table_that_does_not_take_it_is_told(void **state)
{
	static const struct row {
		enum result result;
		int status;
	} rows[] = { { RESULT_MYSQL_DOWN, 503 }, { RESULT_REFUSED, 503 },
		{ RESULT_BAD, 500 }, { RESULT_FAULT, 500 } };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->memory.counter_count = 0; /* no code was used */
		fixture->memory.table[0].totp = STR_NONE;
		fixture->memory.set_totp_result = rows[i].result;
		fixture->memory.set_recovery_result = rows[i].result;
		assert_int_equal(
		    send(fixture, SET, "secret", code_at(fixture, 0)),
		    rows[i].status);
		assert_answer(fixture, "What you sent was not saved.");
		assert_answer(fixture, "href=\"" PAGE "\"");
		assert_no_answer(fixture, "<pre>");
		give_factor(fixture);
		assert_int_equal(
		    send(fixture, NEW_CODES, "secret", code_at(fixture, 1)),
		    rows[i].status);
		assert_no_answer(fixture, "<pre>");
	}
	fixture->memory.set_recovery_result = RESULT_MISS;
	assert_int_equal(
	    send(fixture, NEW_CODES, "secret", code_at(fixture, -1)), 500);
}

static void
a_form_of_another_user_or_site_changes_nothing(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    send(fixture, "user=43&" SET, "secret", code_at(fixture, 0)), 403);
	assert_answer(fixture, "X-Sessgate-Code: forbidden\r\n");
	assert_answer(fixture, "was made for another account");
	send(fixture, SET, "secret", code_at(fixture, 0));
	fixture->memory.table[0].totp = STR_NONE;
	fixture->request.sec_fetch_site = STR("cross-site");
	assert_int_equal(fixture_ask(fixture), 403);
	assert_answer(fixture, "X-Sessgate-Code: cross_site\r\n");
	assert_answer(fixture, "href=\"" PAGE "\"");
	assert_str(totp_of(fixture), NULL);
}

int
main(void)
{
#define TEST(name, open) \
	cmocka_unit_test_setup_teardown(name, open, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(the_page_has_a_new_secret_or_the_way_to_remove_it,
		    open_with_update),
		TEST(nobody_gets_it_without_a_session_or_a_table,
		    open_with_update),
		TEST(a_first_code_sets_it, open_with_update),
		TEST(only_secrets_of_the_page_are_taken, open_with_update),
		TEST(setting_it_shows_recovery_codes_once, open_with_recovery),
		TEST(it_is_removed_with_its_codes, open_with_recovery),
		TEST(new_codes_replace_the_others, open_with_recovery),
		TEST(without_the_statement_there_are_no_new_codes,
		    open_with_update),
		TEST(a_list_that_changed_meanwhile_stays, open_with_recovery),
		TEST(a_table_that_does_not_take_it_is_told, open_with_recovery),
		TEST(a_form_of_another_user_or_site_changes_nothing,
		    open_with_update),
	};

	return cmocka_run_group_tests_name("factor", tests, NULL, NULL);
}
