/* app/device: whose browser was here before, and what that is good for */
#include "config.h"

#include <stdio.h>
#include <time.h>

#include "app_fixture.h"
#include "app/device.h"
#include "secret/digest.h"

#define LOGIN "/sessgate/login"
#define OWNER "a@example.org"
#define ID "42"
#define NAME "__Host-SESSGATE-DEVICE"
#define NONCE "0123456789abcdefghijkl"
#define OLD "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NEW "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static int
open_with_secret(void **state)
{
	struct fixture *fixture;

	fixture_open_with_password(state);
	fixture = *state;
	fixture->conf.login_limit_pair = (struct conf_rate){ 2, 900000 };
	fixture->conf.login_limit_network = (struct conf_rate){ 3, 900000 };
	fixture->conf.login_limit_account = (struct conf_rate){ 4, 86400000 };
	fixture->conf.secrets =
	    (struct conf_secrets){ .secrets = { STR_INIT(OLD), STR_INIT(NEW) },
		    .count = 1 };
	return 0;
}

static int
log_in(struct fixture *fixture, const char *login, const char *password,
    const char *address, const char *cookie)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"%s\"}",
	    login, password);
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(LOGIN),
		.content_type = STR("application/json"),
		.remote_addr = str_from(address),
		.cookie = str_from(cookie),
		.body = arena_dup(fixture->call.arena, str_from(body)) };
	return fixture_ask(fixture);
}

/* A cookie as device.c makes it. */
static const char *
make_cookie(
    struct fixture *fixture, const char *secret, const char *id, int64_t set_s)
{
	struct arena *arena = fixture->call.arena;
	const struct str key = str_from(secret);
	struct buf value = buf_open(arena, 256), cookie = buf_open(arena, 256);
	char tag[TAG_LEN + 1];

	buf_add(&value, digest_text(arena, str_from(id), DIGEST_BYTES));
	buf_add(&value, STR("." NONCE "."));
	buf_add_int(&value, set_s);
	assert_true(tag_make((struct tag_keys){ .keys = &key, .count = 1 },
	    STR("device-of-id"), buf_str(&value), tag));
	buf_add(&cookie, STR("x=y; " NAME "="));
	buf_add(&cookie, buf_str(&value));
	buf_add_char(&cookie, '.');
	buf_add(&cookie, str_from(tag));
	return arena_cstr(arena, buf_str(&cookie));
}

static int64_t
now_s(void)
{
	return (int64_t)time(NULL);
}

/* Name and value of the device cookie that the answer sets, or NULL. */
static char *
cookie_set_by(const struct fixture *fixture)
{
	const char *at = strstr(fixture->answer, "Set-Cookie: " NAME "=");
	struct str line;

	if (at == NULL)
		return NULL;
	line = str_from(at + strlen("Set-Cookie: "));
	return arena_cstr(fixture->call.arena, str_cut(&line, ';'));
}

/* Others have used up all that there is for everybody else. */
static void
exhaust(struct fixture *fixture)
{
	char address[32];

	for (int i = 0; i < 4; i++) {
		snprintf(address, sizeof(address), "203.0.113.%d", i / 2);
		assert_int_equal(
		    log_in(fixture, OWNER, "wrong", address, NULL), 401);
	}
	log_in(fixture, "b", "wrong", "203.0.113.0", NULL);
	assert_int_equal(
	    log_in(fixture, OWNER, "secret", "203.0.113.0", NULL), 429);
	assert_int_equal(
	    log_in(fixture, OWNER, "secret", "198.51.100.1", NULL), 429);
}

static void
a_login_sets_it_for_400_days(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(log_in(fixture, OWNER, "secret", NULL, NULL), 200);
	assert_non_null(cookie_set_by(fixture));
	assert_answer(fixture,
	    "; Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax");
	assert_no_answer(fixture, OWNER "."); /* a hash, not the name */
	fixture->conf.cookie_domain = "example.org";
	fixture->conf.cookie_path = "/sessgate";
	fixture->conf.cookie_secure = false;
	log_in(fixture, OWNER, "secret", NULL, NULL);
	assert_answer(fixture, "Set-Cookie: SESSGATE-DEVICE=");
	assert_answer(
	    fixture, "; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax");
}

/* Two sites of one host would take turns at one name. */
static void
each_site_has_a_name_for_it(void **state)
{
	struct fixture *fixture = *state;
	char site[] = "shop";

	fixture->conf.site = site;
	log_in(fixture, OWNER, "secret", NULL, NULL);
	assert_answer(fixture, "Set-Cookie: " NAME "-shop=");
	fixture->conf.cookie_secure = false;
	log_in(fixture, OWNER, "secret", NULL, NULL);
	assert_answer(fixture, "Set-Cookie: SESSGATE-DEVICE-shop=");
	fixture->conf.site = NULL;
}

static void
nothing_else_sets_it(void **state)
{
	struct fixture *fixture = *state;

	log_in(fixture, OWNER, "wrong", NULL, NULL);
	assert_null(cookie_set_by(fixture));
	fixture_get(fixture, "/sessgate/auth", COOKIE);
	assert_null(cookie_set_by(fixture));
	fixture->conf.secrets.count = 0;
	assert_int_equal(log_in(fixture, OWNER, "secret", NULL, NULL), 200);
	assert_null(cookie_set_by(fixture));
}

static void
it_opens_the_owners_way_past_the_failures_of_others(void **state)
{
	struct fixture *fixture = *state;
	const char *cookie;

	assert_int_equal(log_in(fixture, OWNER, "secret", NULL, NULL), 200);
	cookie = cookie_set_by(fixture);
	exhaust(fixture);
	assert_int_equal(
	    log_in(fixture, OWNER, "secret", "203.0.113.0", cookie), 200);
	assert_int_equal(
	    log_in(fixture, OWNER " ", "wrong", "203.0.113.0", cookie), 401);
}

static void
it_has_no_more_tries_than_anybody(void **state)
{
	struct fixture *fixture = *state;
	const char *cookie = make_cookie(fixture, OLD, ID, now_s());

	assert_int_equal(
	    log_in(fixture, OWNER, "wrong", "192.0.2.1", cookie), 401);
	assert_int_equal(
	    log_in(fixture, OWNER, "wrong", "192.0.2.2", cookie), 401);
	assert_int_equal(
	    log_in(fixture, OWNER, "secret", "192.0.2.3", cookie), 429);
	/* its failures are nobody else's */
	assert_int_equal(
	    log_in(fixture, OWNER, "wrong", "192.0.2.1", NULL), 401);
	assert_int_equal(
	    log_in(fixture, OWNER, "wrong", "192.0.2.1", NULL), 401);
	assert_int_equal(
	    log_in(fixture, OWNER, "wrong", "192.0.2.1", NULL), 429);
}

static void
a_success_does_not_reset_its_count(void **state)
{
	struct fixture *fixture = *state;
	const char *cookie = make_cookie(fixture, OLD, ID, now_s());

	assert_int_equal(log_in(fixture, OWNER, "wrong", NULL, cookie), 401);
	assert_int_equal(log_in(fixture, OWNER, "secret", NULL, cookie), 200);
	cookie = cookie_set_by(fixture);
	assert_non_null(strstr(cookie, "." NONCE "."));
	assert_int_equal(log_in(fixture, OWNER, "wrong", NULL, cookie), 401);
	assert_int_equal(log_in(fixture, OWNER, "secret", NULL, cookie), 429);
}

static void
it_is_good_for_its_account_alone(void **state)
{
	struct fixture *fixture = *state;
	const char *cookie = make_cookie(fixture, OLD, "7", now_s());

	exhaust(fixture);
	assert_int_equal(
	    log_in(fixture, OWNER, "secret", "203.0.113.0", cookie), 429);
	/* one that names a login, as it was once */
	cookie = make_cookie(fixture, OLD, OWNER, now_s());
	assert_int_equal(
	    log_in(fixture, OWNER, "secret", "203.0.113.0", cookie), 429);
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", cookie), 401);
}

/* Two rows whose logins differ in their case, as some collations have them. */
static void
it_is_not_good_for_another_spelling_that_is_another_row(void **state)
{
	struct fixture *fixture = *state;
	const char *cookie = make_cookie(fixture, OLD, ID, now_s());

	fixture->memory.table[0].id = STR("43");
	fixture->memory.table[0].login = STR("A@example.org");
	exhaust(fixture);
	assert_int_equal(
	    log_in(fixture, OWNER, "secret", "203.0.113.0", cookie), 429);
}

static void
a_forged_or_old_one_is_none(void **state)
{
	struct fixture *fixture = *state;
	const char *const cookies[] = {
		make_cookie(fixture, NEW, ID, now_s()), /* not a key yet */
		make_cookie(fixture, OLD, ID, now_s() - DEVICE_LIFE_S),
		make_cookie(fixture, OLD, ID, -1),
		NAME "=",
		NAME "=...",
		NAME "=a.b.1.0123456789012345678901",
		NAME "=0123456789012345678901",
	};
	char *twice = arena_alloc(fixture->call.arena, 512);

	exhaust(fixture);
	for (size_t i = 0; i < COUNT(cookies); i++)
		assert_row(log_in(fixture, OWNER, "secret", "203.0.113.0",
			       cookies[i]) == 429,
		    cookies[i]);
	snprintf(twice, 512, "%s; " NAME "=x",
	    make_cookie(fixture, OLD, ID, now_s()));
	assert_int_equal(
	    log_in(fixture, OWNER, "secret", "203.0.113.0", twice), 429);
	fixture->conf.secrets.count = 2;
	assert_int_equal(log_in(fixture, OWNER, "secret", "203.0.113.0",
			     make_cookie(fixture, NEW, ID, now_s())),
	    200);
	assert_int_equal(
	    log_in(fixture, OWNER, "secret", "203.0.113.0",
		make_cookie(fixture, OLD, ID, now_s() - DEVICE_LIFE_S + 60)),
	    200);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_with_secret, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(a_login_sets_it_for_400_days),
		TEST(each_site_has_a_name_for_it),
		TEST(nothing_else_sets_it),
		TEST(it_opens_the_owners_way_past_the_failures_of_others),
		TEST(it_has_no_more_tries_than_anybody),
		TEST(a_success_does_not_reset_its_count),
		TEST(it_is_good_for_its_account_alone),
		TEST(it_is_not_good_for_another_spelling_that_is_another_row),
		TEST(a_forged_or_old_one_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
