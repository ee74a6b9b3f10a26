/* Threads for password hashes. */
#include "config.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/wait.h"
#include "server/hash_pool.h"

#define NICENESS 10

/* On the caller's stack until is_done. */
struct job {
	TAILQ_ENTRY(job) entry;
	void (*work)(void *);
	void *arg;
	bool is_done;
};

struct hash_pool {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t has_job, has_result;
	TAILQ_HEAD(jobs, job) jobs;
	bool is_stopping;
	int count;
	pthread_t threads[];
};

static void *
hash_thread(void *arg)
{
	struct hash_pool *pool = arg;

	setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct job *job = TAILQ_FIRST(&pool->jobs);

		if (job == NULL && pool->is_stopping)
			break;
		if (job == NULL) {
			pthread_cond_wait(&pool->has_job, &pool->lock);
			continue;
		}
		TAILQ_REMOVE(&pool->jobs, job, entry);
		pthread_mutex_unlock(&pool->lock);
		job->work(job->arg);
		pthread_mutex_lock(&pool->lock);
		job->is_done = true;
		pthread_cond_broadcast(&pool->has_result);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

struct hash_pool *
hash_pool_open(int threads)
{
	struct hash_pool *pool = calloc(
	    1, sizeof(*pool) + (size_t)threads * sizeof(pool->threads[0]));

	if (pool == NULL)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->has_job, NULL);
	pthread_cond_init(&pool->has_result, NULL);
	TAILQ_INIT(&pool->jobs);
	for (; pool->count < threads; pool->count++) {
		if (pthread_create(&pool->threads[pool->count], NULL,
			hash_thread, pool) != 0) {
			hash_pool_close(pool);
			return NULL;
		}
	}
	return pool;
}

void
hash_pool_close(struct hash_pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->is_stopping = true;
	pthread_cond_broadcast(&pool->has_job);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->count; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->has_job);
	pthread_cond_destroy(&pool->has_result);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

void
hash_pool_run(struct hash_pool *pool, void (*work)(void *), void *arg)
{
	struct job job = { .work = work, .arg = arg };

	wait_yield();
	pthread_mutex_lock(&pool->lock);
	TAILQ_INSERT_TAIL(&pool->jobs, &job, entry);
	pthread_cond_signal(&pool->has_job);
	while (!job.is_done)
		pthread_cond_wait(&pool->has_result, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}
