/* base/fair_queue */
#include "config.h"

#include "check.h"
#include "base/fair_queue.h"

enum { JOBS = 4, NONE = -1 };

struct job {
	struct fair_job wait; /* first */
	int number;
};

static struct job jobs[JOBS];

static void
add(struct fair_queue *queue, int number, int site)
{
	jobs[number] = (struct job){ .wait.site = site, .number = number };
	assert_true(fair_queue_add(queue, &jobs[number].wait));
}

static int
begin(struct fair_queue *queue)
{
	const struct fair_job *job = fair_queue_begin(queue);

	return job == NULL ? NONE : ((const struct job *)job)->number;
}

static void
one_site_has_all_threads_and_its_order(void **state)
{
	struct fair_queue *queue = fair_queue_open(2, JOBS, 1);

	(void)state;
	for (int i = 0; i < JOBS; i++)
		add(queue, i, 0);
	assert_int_equal(begin(queue), 0);
	assert_int_equal(begin(queue), 1);
	fair_queue_remove(queue, &jobs[2].wait);
	fair_queue_end(queue, 0);
	assert_int_equal(begin(queue), 3);
	assert_int_equal(begin(queue), NONE);
	assert_false(fair_queue_is_idle(queue));
	fair_queue_end(queue, 0);
	fair_queue_end(queue, 0);
	assert_true(fair_queue_is_idle(queue));
	fair_queue_close(queue);
}

static void
a_site_keeps_to_its_share_of_the_threads(void **state)
{
	struct fair_queue *queue = fair_queue_open(4, JOBS * 2, 3);

	(void)state;
	for (int i = 0; i < 3; i++)
		add(queue, i, 0);
	assert_int_equal(begin(queue), 0);
	assert_int_equal(begin(queue), 1);
	assert_int_equal(begin(queue), NONE);
	add(queue, 3, 2);
	assert_int_equal(begin(queue), 3);
	fair_queue_end(queue, 2);
	assert_int_equal(begin(queue), NONE);
	fair_queue_end(queue, 0);
	assert_int_equal(begin(queue), 2);
	fair_queue_close(queue);
}

/* The share is the whole where there is one thread: its turns are shared. */
static void
sites_take_turns_with_one_thread(void **state)
{
	static const int order[JOBS] = { 0, 3, 1, 2 };
	struct fair_queue *queue = fair_queue_open(1, JOBS * 2, 2);

	(void)state;
	for (int i = 0; i < JOBS; i++)
		add(queue, i, i == 3);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(begin(queue), order[i]);
		fair_queue_end(queue, i == 1);
	}
	fair_queue_close(queue);
}

static void
a_site_keeps_to_its_share_of_the_queue(void **state)
{
	struct fair_queue *queue = fair_queue_open(4, 4, 2);

	(void)state;
	add(queue, 0, 0);
	add(queue, 1, 0);
	assert_false(fair_queue_add(queue, &jobs[2].wait));
	add(queue, 3, 1);
	assert_int_equal(begin(queue), 0);
	add(queue, 2, 0);
	fair_queue_close(queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_site_has_all_threads_and_its_order),
		cmocka_unit_test(a_site_keeps_to_its_share_of_the_threads),
		cmocka_unit_test(sites_take_turns_with_one_thread),
		cmocka_unit_test(a_site_keeps_to_its_share_of_the_queue),
	};

	return cmocka_run_group_tests_name("fair queue", tests, NULL, NULL);
}
