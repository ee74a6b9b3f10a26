/* base/back_off */
#include "config.h"

#include "base/back_off.h"
#include "check.h"

static void
assert_about(int64_t pause_ms, int64_t wanted_ms)
{
	assert_between(pause_ms, wanted_ms * 8 / 10, wanted_ms * 12 / 10);
}

static void
pauses_double_to_a_second(void **state)
{
	static const int64_t wanted_ms[] = { 100, 200, 400, 800, 1000, 1000 };
	struct back_off back_off = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(wanted_ms); i++)
		assert_about(back_off_take(&back_off), wanted_ms[i]);
	back_off_reset(&back_off);
	assert_about(back_off_take(&back_off), 100);
}

static void
the_longest_pause_may_be_another(void **state)
{
	struct back_off back_off = { .last_ms = 3000 };

	(void)state;
	for (int i = 0; i < 5; i++)
		(void)back_off_take(&back_off);
	assert_about(back_off_take(&back_off), 3000);
	assert_about(back_off_take(&back_off), 3000);
}

static void
pauses_differ(void **state)
{
	struct back_off back_off = { 0 };
	int64_t first_ms = back_off_take(&back_off);
	int same = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		back_off_reset(&back_off);
		same += back_off_take(&back_off) == first_ms;
	}
	assert_true(same < 50);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_double_to_a_second),
		cmocka_unit_test(the_longest_pause_may_be_another),
		cmocka_unit_test(pauses_differ),
	};

	return cmocka_run_group_tests_name("back_off", tests, NULL, NULL);
}
