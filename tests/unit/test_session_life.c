/* app/session_life: how long sessions live, and when a touch is due */
#include "config.h"

#include "app_fixture.h"
#include "app/session_life.h"

#define NOW INT64_C(1800000000000)
#define MIN INT64_C(60000)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)

static struct conf
conf_of(int64_t idle_ms)
{
	return (struct conf){ .session_life_ms = 7 * DAY,
		.session_short_ms = 12 * HOUR,
		.session_idle_ms = idle_ms,
		.session_clock_skew_ms = MIN };
}

/* Times from now in ms. */
static const struct row {
	const char *name;
	int64_t idle_ms, end_ms, ttl_ms, seen_ms;
	bool is_due;
	int64_t extends_to_ms;
} rows[] = {
	{ "no idle time, seen just now", 0, DAY, DAY, 0, false, 0 },
	{ "no idle time, seen 59 s ago", 0, DAY, DAY, -59999, false, 0 },
	{ "no idle time, seen a minute ago", 0, DAY, DAY, -MIN, true, 0 },
	{ "not listed", 0, DAY, DAY, -NOW - 1, true, 0 },
	{ "seen far ahead: a clock that was set back", 0, DAY, DAY, HOUR, true,
	    0 },
	{ "just extended", HOUR, DAY, HOUR, 0, false, 0 },
	{ "a tenth of the idle time not yet over", HOUR, DAY, HOUR - 359999,
	    -359999, false, 0 },
	{ "a tenth of the idle time over", HOUR, DAY, HOUR - 360000, -360000,
	    true, HOUR },
	{ "seen by nobody who could say so, but extended", HOUR, DAY, HOUR,
	    -HOUR, true, 0 },
	{ "ten minutes idle: every minute", 10 * MIN, DAY, 9 * MIN + 1,
	    -MIN + 1, false, 0 },
	{ "ten minutes idle: a minute over", 10 * MIN, DAY, 9 * MIN, -MIN, true,
	    10 * MIN },
	{ "a minute idle: every 20 s", MIN, DAY, 40001, -19999, false, 0 },
	{ "a minute idle: 20 s over", MIN, DAY, 40000, -20000, true, MIN },
	{ "never past its end", HOUR, 30 * MIN, 30 * MIN, 0, false, 0 },
	{ "up to its end", HOUR, 50 * MIN, 40 * MIN, 0, true, 50 * MIN },
	{ "at its end", HOUR, 0, 0, 0, false, 0 },
	{ "a foreign record: the key's end stays", HOUR, -NOW - 1, MIN, 0,
	    false, 0 },
	{ "a key that lives for ever", HOUR, DAY, -1, 0, false, 0 },
	{ "gone between two answers", HOUR, DAY, -2, 0, false, 0 },
};

static void
a_touch_is_due(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct conf conf = conf_of(rows[i].idle_ms);
		const struct session_facts facts = {
			.session = { .expires_ms = NOW + rows[i].end_ms },
			.ttl_ms = rows[i].ttl_ms,
			.seen_ms = NOW + rows[i].seen_ms,
			.now_ms = NOW,
		};
		const struct session_life_touch touch =
		    session_life_touch_of(&conf, &facts);

		assert_row(touch.is_due == rows[i].is_due, rows[i].name);
		assert_row(touch.ttl_ms == rows[i].extends_to_ms, rows[i].name);
	}
}

static void
a_new_session_lives(void **state)
{
	struct conf conf = conf_of(0);

	(void)state;
	assert_int_equal(session_life_whole_ms(&conf, true), 7 * DAY);
	assert_int_equal(session_life_whole_ms(&conf, false), 12 * HOUR);
	assert_int_equal(session_life_first_ms(&conf, 7 * DAY), 7 * DAY);
	conf.session_idle_ms = DAY;
	assert_int_equal(session_life_first_ms(&conf, 7 * DAY), DAY);
	assert_int_equal(session_life_first_ms(&conf, 12 * HOUR), 12 * HOUR);
	conf.session_life_ms = HOUR; /* short is never longer */
	assert_int_equal(session_life_whole_ms(&conf, false), HOUR);
}

static void
what_was_remembered_can_be_told(void **state)
{
	const struct conf conf = conf_of(0);
	struct session session = { .created_ms = NOW };

	(void)state;
	session.expires_ms = NOW + 7 * DAY;
	assert_true(session_life_is_remembered(&conf, &session));
	session.expires_ms = NOW + 12 * HOUR;
	assert_false(session_life_is_remembered(&conf, &session));
	session.expires_ms = -1; /* of the Node application */
	assert_true(session_life_is_remembered(&conf, &session));
}

static void
a_login_is_fresh_for_a_while(void **state)
{
	static const struct {
		const char *name;
		int64_t fresh_ms, created_ms;
		bool is_fresh;
	} logins[] = {
		{ "off", 0, NOW - DAY, true },
		{ "off, without a date", 0, -1, true },
		{ "recent", HOUR, NOW - HOUR + 1, true },
		{ "too old", HOUR, NOW - HOUR, false },
		{ "without a date", HOUR, -1, false },
		{ "a clock a little ahead", HOUR, NOW + MIN, true },
		{ "a clock far ahead", HOUR, NOW + MIN + 1, false },
	};
	struct conf conf = conf_of(0);

	(void)state;
	for (size_t i = 0; i < COUNT(logins); i++) {
		const struct session session = { .created_ms =
						     logins[i].created_ms };

		conf.session_fresh_ms = logins[i].fresh_ms;
		assert_row(session_life_is_fresh(&conf, &session, NOW) ==
			       logins[i].is_fresh,
		    logins[i].name);
	}
}

static void
a_check_touches_rarely_and_never_fails_for_it(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.session_idle_ms = HOUR;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 200);
	assert_int_equal(fixture->memory.touches, 0);
	fixture->memory.now_ms += 360000;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 200);
	assert_int_equal(fixture->memory.touches, 1);
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 200);
	assert_int_equal(fixture->memory.touches, 1);
	fixture->memory.now_ms += 360000;
	fixture->memory.touch_result = RESULT_REDIS_DOWN;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 200);
	assert_int_equal(fixture->memory.touches, 2);
}

static void
who_is_not_let_in_touches_nothing(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.now_ms += HOUR;
	fixture->memory.generation.gen = STR("gen-2");
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 403);
	fixture->memory.generation.gen = STR("gen-1");
	fixture->memory.is_disabled[0] = true;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 403);
	assert_int_equal(fixture->memory.touches, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_touch_is_due),
		cmocka_unit_test(a_new_session_lives),
		cmocka_unit_test(what_was_remembered_can_be_told),
		cmocka_unit_test(a_login_is_fresh_for_a_while),
		cmocka_unit_test_setup_teardown(
		    a_check_touches_rarely_and_never_fails_for_it, fixture_open,
		    fixture_close),
		cmocka_unit_test_setup_teardown(
		    who_is_not_let_in_touches_nothing, fixture_open,
		    fixture_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
