/* secret/password: what verifying, or not verifying, costs */
#include "config.h"

#include "base/clock.h"
#include "check.h"
#include "secret/password.h"

/* 72 letters: all that bcrypt reads. */
#define A8 "aaaaaaaa"
#define A72 A8 A8 A8 A8 A8 A8 A8 A8 A8

#define PHP_2Y "$2y$04$uE/fM4B0W1bInvU6Cn5gv.HhlYQCXGJKhkCWD1yUWSz/M4RcsCO4G"
#define BCRYPT_9 "$2y$09$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
#define PHP_2Y_10 "$2y$10$S96U8PTYhrfx8UXUX7uIvOB/eL8td22nVN3PBTLyI3vy8EUvNASSO"
#define PHP_ID \
	"$argon2id$v=19$m=1024,t=2,p=1$NDVZT04uZW9BUE1pNjNMZg$" \
	"hpzgQvBrJMV1kzgy4Hp7YTlgki25KNNZp6Er8AyVRME"
#define PHP_ID_DEFAULT \
	"$argon2id$v=19$m=65536,t=4,p=1$SnY4VFZ6QlMydkhzcEN4aQ$" \
	"e4KkLWovcZRmq3pbzCX8FOcmyu8FORcsm2IknDkZotY"

/*
 * Processor time of this process (libargon2 has threads of its own), of the
 * quickest of a few runs: a busy machine's caches make some of them dearer.
 */
enum { COST_RUNS = 2 };

static int64_t
cost_us(struct str password, struct str stored)
{
	int64_t least_us = INT64_MAX;

	for (int i = 0; i < COST_RUNS; i++) {
		int64_t us = clock_process_us();

		password_verify(password, stored);
		us = clock_process_us() - us;
		least_us = us < least_us ? us : least_us;
	}
	return least_us;
}

static void
an_impossible_password_costs_what_a_wrong_one_does(void **state)
{
	static char huge[3 * PASSWORD_MAX];
	const struct str rows[] = { STR("\0"), STR("a\0b"), STR(A72 "x"),
		{ huge, sizeof(huge) } };
	static const struct str stored[] = { STR_INIT(PHP_2Y_10),
		STR_INIT(PHP_ID) };

	(void)state;
	memset(huge, 'a', sizeof(huge));
	for (size_t i = 0; i < COUNT(stored); i++) {
		int64_t usual_us = cost_us(STR("wrong"), stored[i]);

		for (size_t j = 0; j < COUNT(rows); j++)
			assert_true(cost_us(rows[j], stored[i]) > usual_us / 8);
	}
}

static int64_t
spend_after_us(struct str password, struct str stored)
{
	int64_t least_us = INT64_MAX;

	for (int i = 0; i < COST_RUNS; i++) {
		int64_t us = clock_process_us();

		password_spend(password, stored);
		us = clock_process_us() - us;
		least_us = us < least_us ? us : least_us;
	}
	return least_us;
}

static int64_t
spend_us(struct str password)
{
	return spend_after_us(password, STR_NONE);
}

static void
an_unknown_user_costs_what_the_slowest_hash_does(void **state)
{
	static const char *const rows[] = { PHP_2Y_10, PHP_ID_DEFAULT };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t usual_us = cost_us(STR("wrong"), str_from(rows[i]));

		cost_us(STR("wrong"), STR(PHP_2Y)); /* a cheap one */
		assert_true(spend_us(STR("x")) > usual_us / 8);
		assert_true(password_slowest_us(STR("wrong")) > usual_us / 8);
	}
	/* what is impossible costs the same */
	assert_true(spend_us(STR("\0")) > spend_us(STR("x")) / 2);
	assert_true(spend_us(STR_NONE) > spend_us(STR("x")) / 2);
}

/* Together with what was spent already it is what the slowest hash costs. */
static void
a_cheap_hash_is_made_up_for(void **state)
{
	static const char *const rows[] = { PHP_2Y, BCRYPT_9,
		"3CB4E732631F47E6EB961F34554B7CDE" };
	int64_t slowest_us;

	(void)state;
	cost_us(STR("wrong"), STR(PHP_ID_DEFAULT));
	cost_us(STR("wrong"), STR(PHP_2Y_10));
	slowest_us = password_slowest_us(STR("wrong"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str stored = str_from(rows[i]);
		int64_t whole_us = cost_us(STR("wrong"), stored) +
				   spend_after_us(STR("wrong"), stored);

		assert_row(
		    whole_us > slowest_us / 4 && whole_us < slowest_us * 4,
		    rows[i]);
	}
}

static void
the_slowest_costs_bcrypt_at_10_at_least(void **state)
{
	(void)state;
	assert_true(password_slowest_us(STR("wrong")) >
		    cost_us(STR("wrong"), STR(PHP_2Y_10)) / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_impossible_password_costs_what_a_wrong_one_does),
		cmocka_unit_test(
		    an_unknown_user_costs_what_the_slowest_hash_does),
		cmocka_unit_test(a_cheap_hash_is_made_up_for),
		cmocka_unit_test(the_slowest_costs_bcrypt_at_10_at_least),
	};

	return cmocka_run_group_tests_name("password cost", tests, NULL, NULL);
}
