/* base/hash_pool */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "check.h"
#include "base/hash_pool.h"

enum { FAR_MS = 600000, SITES = 2 };

/* The outcome of a job; a test may hold it up while it runs. */
struct work {
	pthread_mutex_t gate; /* locked: it stands still */
	atomic_int begun, done, discarded;
};

static void
work(void *arg)
{
	struct work *job = arg;

	atomic_fetch_add(&job->begun, 1);
	pthread_mutex_lock(&job->gate);
	pthread_mutex_unlock(&job->gate);
	atomic_fetch_add(&job->done, 1);
}

static void
discard(void *arg)
{
	struct work *job = arg;

	atomic_fetch_add(&job->discarded, 1);
}

static struct hash_job
job_of(struct work *arg, int site, int64_t start_ms, int64_t done_ms)
{
	int64_t now_ms = clock_ms();

	return (struct hash_job){ .work = work,
		.discard = discard,
		.arg = arg,
		.site = site,
		.start_by_ms = now_ms + start_ms,
		.done_by_ms = now_ms + done_ms };
}

#define WORK \
	{ \
		.gate = PTHREAD_MUTEX_INITIALIZER \
	}

static void
a_job_is_done_and_stays_the_callers(void **state)
{
	struct hash_pool *pool = hash_pool_open(2, 1);
	struct work one = WORK;
	const struct hash_job job = job_of(&one, 0, FAR_MS, FAR_MS);

	(void)state;
	assert_true(hash_pool_run(pool, NULL, &job));
	assert_int_equal(one.done, 1);
	assert_int_equal(one.discarded, 0);
	hash_pool_close(pool);
}

/* The worker answers in time; the thread stays busy until it is done. */
static void
what_takes_too_long_is_left_to_its_thread(void **state)
{
	struct hash_pool *pool = hash_pool_open(1, 1);
	struct work slow = WORK, next = WORK;
	struct hash_job job, late;

	(void)state;
	pthread_mutex_lock(&slow.gate);
	/* until it is begun in its time, however busy the machine is */
	for (int64_t ms = 20; slow.begun == 0; ms *= 2) {
		slow.discarded = 0;
		job = job_of(&slow, 0, ms, ms);
		assert_false(hash_pool_run(pool, NULL, &job));
	}
	assert_int_equal(slow.discarded, 0);
	late = job_of(&next, 0, 20, FAR_MS);
	assert_false(hash_pool_run(pool, NULL, &late));
	assert_int_equal(next.begun, 0);
	assert_int_equal(next.discarded, 1);
	pthread_mutex_unlock(&slow.gate);
	hash_pool_close(pool);
	assert_int_equal(slow.discarded, 1);
	assert_int_equal(slow.done, 1);
}

static void *
run_alone(void *arg)
{
	return hash_pool_run(((void **)arg)[0], NULL, ((void **)arg)[1]) ? arg
									 : NULL;
}

/* Of two threads one site keeps one busy, and another site finds the other. */
static void
a_site_leaves_threads_to_the_others(void **state)
{
	struct hash_pool *pool = hash_pool_open(2, SITES);
	struct work slow = WORK, other = WORK, more = WORK;
	const struct hash_job job = job_of(&slow, 0, FAR_MS, FAR_MS);
	const struct hash_job same_site = job_of(&more, 0, 20, FAR_MS);
	const struct hash_job of_other = job_of(&other, 1, FAR_MS, FAR_MS);
	void *both[] = { pool, (void *)(uintptr_t)&job }, *ended;
	pthread_t thread;

	(void)state;
	pthread_mutex_lock(&slow.gate);
	assert_int_equal(pthread_create(&thread, NULL, run_alone, both), 0);
	while (slow.begun == 0)
		sched_yield();
	assert_false(hash_pool_run(pool, NULL, &same_site));
	assert_int_equal(more.begun, 0);
	assert_true(hash_pool_run(pool, NULL, &of_other));
	pthread_mutex_unlock(&slow.gate);
	assert_int_equal(pthread_join(thread, &ended), 0);
	assert_ptr_equal(ended, both);
	hash_pool_close(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_done_and_stays_the_callers),
		cmocka_unit_test(what_takes_too_long_is_left_to_its_thread),
		cmocka_unit_test(a_site_leaves_threads_to_the_others),
	};

	return cmocka_run_group_tests_name("hash pool", tests, NULL, NULL);
}
