/* Threads that compute password hashes. */
#include "config.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fair_queue.h"
#include "base/hash_pool.h"
#include "base/monotonic.h"
#include "base/thread.h"

enum task_state { TASK_QUEUED, TASK_RUNNING, TASK_DONE, TASK_ABANDONED };

/*
 * A job in the pool.  The waiting worker frees it; if the worker has given up
 * (TASK_ABANDONED), the thread that runs it does.
 */
struct task {
	struct fair_job wait; /* must be first; used in the state TASK_QUEUED */
	struct hash_job job;
	enum task_state state;
	pthread_cond_t is_done;
};

struct hash_pool {
	pthread_mutex_t lock; /* guards the fields below */
	pthread_cond_t has_task;
	struct fair_queue *queue;
	bool is_stopping;
	int count;
	pthread_t threads[];
};

static void
task_close(struct task *task)
{
	pthread_cond_destroy(&task->is_done);
	free(task);
}

/*
 * Called with the lock held, which is released while the hash is computed.
 * Frees the task if its worker has given up.
 */
static void
run_task(struct hash_pool *pool, struct task *task)
{
	const struct hash_job *job = &task->job;

	task->state = TASK_RUNNING;
	pthread_mutex_unlock(&pool->lock);
	job->work(job->arg);
	pthread_mutex_lock(&pool->lock);
	fair_queue_end(pool->queue, job->site);
	/* cppcheck-suppress knownConditionTrueFalse ; others change it */
	if (task->state == TASK_ABANDONED) {
		job->discard(job->arg);
		task_close(task);
		return;
	}
	task->state = TASK_DONE;
	pthread_cond_signal(&task->is_done);
}

/*
 * Sets SCHED_BATCH (sched(7)): a hash thread that becomes runnable does not
 * preempt a worker, but keeps its processor share beside other processes.  A
 * nice value would lose that share: at nice 10, beside sixteen busy processes
 * on two processors, a hash got a hundredth of one and no login ended in time.
 * If the kernel refuses the policy, the thread keeps the default one.
 */
static void
yield_to_workers(void)
{
	static const struct sched_param none = { .sched_priority = 0 };

	(void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
}

static void *
hash_thread(void *arg)
{
	struct hash_pool *pool = arg;

	yield_to_workers();
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct fair_job *job = fair_queue_begin(pool->queue);

		if (job != NULL)
			run_task(pool, (struct task *)job);
		else if (pool->is_stopping)
			break;
		else
			pthread_cond_wait(&pool->has_task, &pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

struct hash_pool *
hash_pool_open(int threads, int sites)
{
	struct hash_pool *pool = calloc(
	    1, sizeof(*pool) + (size_t)threads * sizeof(pool->threads[0]));

	if (pool == NULL)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->has_task, NULL);
	pool->queue = fair_queue_open(threads, INT_MAX, sites);
	for (; pool->queue != NULL && pool->count < threads; pool->count++)
		if (!thread_start(
			&pool->threads[pool->count], hash_thread, pool))
			break;
	if (pool->count == threads)
		return pool;
	hash_pool_close(pool);
	return NULL;
}

void
hash_pool_close(struct hash_pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->is_stopping = true;
	pthread_cond_broadcast(&pool->has_task);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->count; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->has_task);
	pthread_mutex_destroy(&pool->lock);
	fair_queue_close(pool->queue);
	free(pool);
}

/*
 * Called with the lock held.  Waits until the task is done or its time is over.
 */
static void
await_task(struct hash_pool *pool, struct task *task)
{
	const struct hash_job *job = &task->job;

	while (task->state == TASK_QUEUED || task->state == TASK_RUNNING) {
		int64_t until_ms = task->state == TASK_QUEUED ? job->start_by_ms
							      : job->done_by_ms;

		if (clock_ms() >= until_ms)
			break;
		(void)monotonic_cond_wait(
		    &task->is_done, &pool->lock, until_ms);
	}
}

/*
 * Called with the lock held.  Gives up a task.  True: it was queued, and the
 * caller frees it.  False: it is running, and its thread frees it.
 */
static bool
give_up_task(struct hash_pool *pool, struct task *task)
{
	if (task->state == TASK_RUNNING) {
		task->state = TASK_ABANDONED;
		return false;
	}
	fair_queue_remove(pool->queue, &task->wait);
	task->job.discard(task->job.arg);
	return true;
}

bool
hash_pool_run(
    void *arg, struct place_claims *claims, const struct hash_job *job)
{
	struct hash_pool *pool = arg;
	struct task *task = malloc(sizeof(*task));
	bool is_done, is_ours;

	if (task == NULL) {
		job->discard(job->arg);
		return false;
	}
	*task = (struct task){
		.wait.site = job->site, .job = *job, .state = TASK_QUEUED
	};
	monotonic_cond_open(&task->is_done);
	place_before_wait(claims);
	pthread_mutex_lock(&pool->lock);
	/* the queue has no limit */
	(void)fair_queue_add(pool->queue, &task->wait);
	pthread_cond_signal(&pool->has_task);
	await_task(pool, task);
	is_done = task->state == TASK_DONE;
	is_ours = is_done || give_up_task(pool, task);
	pthread_mutex_unlock(&pool->lock);
	if (is_ours)
		task_close(task);
	return is_done;
}

bool
hash_pool_is_idle(struct hash_pool *pool)
{
	bool is_idle;

	if (pool == NULL)
		return true;
	pthread_mutex_lock(&pool->lock);
	is_idle = fair_queue_is_idle(pool->queue);
	pthread_mutex_unlock(&pool->lock);
	return is_idle;
}
