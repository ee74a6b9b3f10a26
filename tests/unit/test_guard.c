/* app/guard: judging a session */
#include "config.h"

#include "check.h"
#include "app/guard.h"

#define NOW INT64_C(1800000000000)

/* What a row does not name is a live session of our own. */
static struct session_facts
live(void)
{
	return (struct session_facts){
		.session = { .user_id = STR("42"),
		    .created_ms = NOW - 1000,
		    .expires_ms = NOW + 1000,
		    .gen = STR("g") },
		.generation = { .gen = STR("g") },
		.is_hashed = true,
		.ttl_ms = 1000,
		.now_ms = NOW,
	};
}

static bool
judge(enum conf_session_key key, const struct session_facts *facts)
{
	const struct conf conf = { .session_key = key,
		.user_id_type = CONF_ID_INTEGER,
		.session_clock_skew_ms = 60000 };

	return guard_session_is_live(&conf, facts);
}

static void
a_session_lives_while_its_generation_stands(void **state)
{
	struct session_facts facts = live();

	(void)state;
	assert_true(judge(CONF_KEY_SHA256, &facts));
	facts.generation.gen = STR("other");
	assert_false(judge(CONF_KEY_SHA256, &facts));
	facts.generation.gen = STR_NONE; /* ugen was lost */
	assert_false(judge(CONF_KEY_SHA256, &facts));
	assert_false(judge(CONF_KEY_PLAIN, &facts));
}

static void
a_session_dies_at_its_own_end(void **state)
{
	struct session_facts facts = live();

	(void)state;
	facts.session.expires_ms = NOW;
	assert_false(judge(CONF_KEY_SHA256, &facts));
	facts.session.expires_ms = -1; /* the origin's have none */
	assert_true(judge(CONF_KEY_SHA256, &facts));
}

static void
an_id_out_of_its_alphabet_is_nobody(void **state)
{
	static const char *const ids[] = { "", "0", "01", "-1", "4 2", "4\n",
		"18446744073709551616", "99999999999999999999",
		"100000000000000000000" };

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct session_facts facts = live();

		facts.session.user_id = str_from(ids[i]);
		assert_row(!judge(CONF_KEY_SHA256, &facts), ids[i]);
	}
}

/* A record of the origin's has no generation. */
static void
the_origins_sessions(void **state)
{
	static const struct row {
		const char *name;
		enum conf_session_key key;
		int64_t created_ms, ended_ms;
		bool has_generation, is_live;
	} rows[] = {
		{ "dead with hashed keys", CONF_KEY_SHA256, NOW, 0, true,
		    false },
		{ "no ugen", CONF_KEY_PLAIN, NOW - 9, 0, false, true },
		{ "never ended", CONF_KEY_MIGRATE, NOW - 9, 0, true, true },
		{ "never ended, no time", CONF_KEY_PLAIN, -1, 0, true, true },
		{ "ended after it", CONF_KEY_PLAIN, NOW - 9, NOW - 5, true,
		    false },
		{ "ended at its time", CONF_KEY_PLAIN, NOW - 9, NOW - 9, true,
		    false },
		{ "ended before it", CONF_KEY_MIGRATE, NOW - 9, NOW - 10, true,
		    true },
		{ "ended, and it has no time", CONF_KEY_PLAIN, -1, NOW - 5,
		    true, false },
		{ "a clock a little ahead", CONF_KEY_PLAIN, NOW + 60000,
		    NOW - 5, true, true },
		{ "a clock far ahead", CONF_KEY_PLAIN, NOW + 60001, NOW - 5,
		    true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session_facts facts = live();

		facts.session.gen = STR_NONE;
		facts.session.created_ms = rows[i].created_ms;
		facts.generation.ended_ms = rows[i].ended_ms;
		if (!rows[i].has_generation)
			facts.generation.gen = STR_NONE;
		assert_row(judge(rows[i].key, &facts) == rows[i].is_live,
		    rows[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_lives_while_its_generation_stands),
		cmocka_unit_test(a_session_dies_at_its_own_end),
		cmocka_unit_test(an_id_out_of_its_alphabet_is_nobody),
		cmocka_unit_test(the_origins_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
