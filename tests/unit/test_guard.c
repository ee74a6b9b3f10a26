/* app/guard: judging a session */
#include "config.h"

#include <stdio.h>

#include "check.h"
#include "app/guard.h"

#define NOW INT64_C(1800000000000)

/* A row names only its differences from a live session of sessgate. */
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
	facts.session.expires_ms = -1; /* the Node application sets none */
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

/* A record of the Node application has no generation. */
static void
sessions_of_the_node_application(void **state)
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

enum { USERS = 1000, RECHECK_MS = 30000, SECONDS = RECHECK_MS / 1000 };

/* Users who were first seen together, by the second in which they are due. */
static void
users_seen_together_do_not_fall_due_together(void **state)
{
	const struct conf conf = { .user_recheck_ms = RECHECK_MS };
	int due[SECONDS + 1] = { 0 };

	(void)state;
	for (int i = 0; i < USERS; i++) {
		char id[16];
		int64_t left_ms;

		snprintf(id, sizeof(id), "%d", i + 1);
		left_ms = guard_recheck_due_ms(&conf, str_from(id), NOW) - NOW;
		assert_between(left_ms, RECHECK_MS / 4, RECHECK_MS);
		due[left_ms / 1000]++;
	}
	for (int second = 0; second <= SECONDS; second++)
		assert_true(due[second] < 3 * USERS / SECONDS);
}

/* Once a recheck, not more often: the moment is the user's own. */
static void
a_user_is_due_once_a_recheck(void **state)
{
	const struct conf conf = { .user_recheck_ms = RECHECK_MS };
	int64_t at_ms = NOW;
	int count = 0;

	(void)state;
	while (at_ms < NOW + 100 * (int64_t)RECHECK_MS) {
		at_ms = guard_recheck_due_ms(&conf, STR("42"), at_ms);
		count++;
	}
	assert_between(count, 100, 101);
}

static void
without_a_recheck_every_check_asks(void **state)
{
	const struct conf conf = { .user_recheck_ms = 0 };

	(void)state;
	assert_true(guard_recheck_due_ms(&conf, STR("42"), NOW) == NOW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_lives_while_its_generation_stands),
		cmocka_unit_test(a_session_dies_at_its_own_end),
		cmocka_unit_test(an_id_out_of_its_alphabet_is_nobody),
		cmocka_unit_test(sessions_of_the_node_application),
		cmocka_unit_test(users_seen_together_do_not_fall_due_together),
		cmocka_unit_test(a_user_is_due_once_a_recheck),
		cmocka_unit_test(without_a_recheck_every_check_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
