/* Threads that refresh accounts from SQL in the background. */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/fair_queue.h"
#include "base/log.h"
#include "base/monotonic.h"
#include "base/thread.h"
#include "redis/refresher.h"

/*
 * A queued query.  Guarded by the lock, except for `what`, which does not
 * change; its texts are copies in `texts`.
 */
struct job {
	struct fair_job wait; /* first; in the queue until it begins */
	TAILQ_ENTRY(job) entry;
	struct refresh what;
	int holders; /* references: the list of jobs, and each waiter */
	bool is_begun, is_done;
	char *answer; /* answer_len bytes; NULL: no answer */
	size_t answer_len;
	char texts[];
};

struct helper {
	struct refresher *refresher;
	struct arena *arena;
	struct link *link;
	pthread_t thread;
};

struct refresher {
	refresher_work *work;
	int64_t deadline_ms;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t has_job, has_answer;
	TAILQ_HEAD(jobs, job) jobs; /* queued and running jobs */
	struct fair_queue *queue;
	bool is_stopping;
	/* by site: its last query took longer than REFRESHER_WAIT_MS */
	bool *is_slow;
	int count;
	struct helper helpers[];
};

static void
release_job(struct job *job)
{
	if (--job->holders > 0)
		return;
	free(job->answer);
	free(job);
}

/* Called with the lock held.  Removes a job; its waiters may still hold it. */
static void
end_job(struct refresher *refresher, struct job *job)
{
	TAILQ_REMOVE(&refresher->jobs, job, entry);
	job->is_done = true;
	release_job(job);
}

static struct str
copy(char **end, struct str text)
{
	struct str copied = { *end, text.len };

	if (text.len > 0)
		memcpy(*end, text.ptr, text.len);
	*end += text.len;
	return copied;
}

static struct job *
new_job(const struct refresh *what)
{
	struct job *job = malloc(sizeof(*job) + what->id.len + what->known.len);
	char *end;

	if (job == NULL)
		return NULL;
	*job = (struct job){
		.wait.site = what->site, .what = *what, .holders = 1
	};
	end = job->texts;
	job->what.id = copy(&end, what->id);
	job->what.known = copy(&end, what->known);
	return job;
}

/*
 * Called with the lock held.  Returns the job for this account, existing or new
 * (single flight).  NULL: stopping, queue full or no memory.
 */
static struct job *
find_or_add(struct refresher *refresher, const struct refresh *what)
{
	struct job *job;

	TAILQ_FOREACH (job, &refresher->jobs, entry)
		if (job->what.table == what->table &&
		    str_eq(job->what.id, what->id))
			return job;
	job = refresher->is_stopping ? NULL : new_job(what);
	if (job == NULL)
		return NULL;
	if (!fair_queue_add(refresher->queue, &job->wait)) {
		release_job(job);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&refresher->jobs, job, entry);
	pthread_cond_signal(&refresher->has_job);
	return job;
}

/*
 * Called with the lock held, which it releases meanwhile.  Returns a copy of
 * the answer; STR_NONE: none came in time, or the refresh failed.
 */
static struct str
await_answer(struct refresher *refresher, struct job *job, struct arena *arena)
{
	int64_t until_ms = clock_ms() + REFRESHER_WAIT_MS;
	struct str answer = STR_NONE;

	job->holders++;
	while (!job->is_done && clock_ms() < until_ms)
		(void)monotonic_cond_wait(
		    &refresher->has_answer, &refresher->lock, until_ms);
	if (!job->is_done)
		refresher->is_slow[job->what.site] = true;
	else if (job->answer != NULL)
		answer = arena_dup(
		    arena, (struct str){ job->answer, job->answer_len });
	release_job(job);
	return answer;
}

struct str
refresher_ask(struct refresher *refresher, struct call *call,
    const struct refresh *what, bool may_wait)
{
	struct str answer = STR_NONE;
	struct job *job;

	if (may_wait)
		place_before_wait(call->claims);
	pthread_mutex_lock(&refresher->lock);
	job = find_or_add(refresher, what);
	if (job != NULL && may_wait && !refresher->is_slow[what->site])
		answer = await_answer(refresher, job, call->arena);
	pthread_mutex_unlock(&refresher->lock);
	return answer;
}

/*
 * Called without the lock.  Runs the query; its counters and log lines are of
 * the account's site.  The answer is in helper->arena.
 */
static struct str
run_refresh(struct helper *helper, const struct refresh *what)
{
	struct call call = { .arena = helper->arena,
		.deadline_ms = clock_ms() + helper->refresher->deadline_ms };
	struct str answer;

	log_set_site(what->site_name);
	counter_set_site(what->site);
	answer = helper->refresher->work(helper->link, &call, what);
	log_set_site(NULL);
	counter_set_site(-1);
	/* cppcheck-suppress returnDanglingLifetime ; it is in the arena */
	return answer;
}

static void
copy_answer(struct job *job, struct str answer)
{
	if (!str_is_none(answer))
		job->answer = malloc(answer.len + 1);
	if (job->answer == NULL)
		return;
	memcpy(job->answer, answer.ptr, answer.len);
	job->answer_len = answer.len;
}

/*
 * Called with the lock held, which it releases meanwhile.  Runs a job and wakes
 * its waiters.
 */
static void
do_job(struct helper *helper, struct job *job)
{
	struct refresher *refresher = helper->refresher;
	int64_t started_ms = clock_ms();
	struct str answer;

	job->is_begun = true;
	pthread_mutex_unlock(&refresher->lock);
	answer = run_refresh(helper, &job->what);
	pthread_mutex_lock(&refresher->lock);
	fair_queue_end(refresher->queue, job->what.site);
	refresher->is_slow[job->what.site] =
	    clock_ms() - started_ms > REFRESHER_WAIT_MS;
	copy_answer(job, answer);
	end_job(refresher, job);
	pthread_cond_broadcast(&refresher->has_answer);
	arena_reset(helper->arena);
}

static void *
refresher_thread(void *arg)
{
	struct helper *helper = arg;
	struct refresher *refresher = helper->refresher;

	pthread_mutex_lock(&refresher->lock);
	while (!refresher->is_stopping) {
		struct fair_job *job = fair_queue_begin(refresher->queue);

		if (job != NULL)
			do_job(helper, (struct job *)job);
		else
			pthread_cond_wait(
			    &refresher->has_job, &refresher->lock);
	}
	pthread_mutex_unlock(&refresher->lock);
	return NULL;
}

static bool
start(struct refresher *refresher, struct breaker *breaker)
{
	struct helper *helper = &refresher->helpers[refresher->count];

	*helper = (struct helper){ .refresher = refresher,
		.arena = arena_open(),
		.link = link_open(breaker) };
	if (helper->arena != NULL && helper->link != NULL &&
	    thread_start(&helper->thread, refresher_thread, helper))
		return true;
	link_close(helper->link);
	arena_close(helper->arena);
	return false;
}

/* Creates the refresher without its threads.  NULL: no memory. */
static struct refresher *
refresher_new(int threads, int sites)
{
	struct refresher *refresher =
	    calloc(1, sizeof(*refresher) +
			  (size_t)threads * sizeof(refresher->helpers[0]));

	if (refresher == NULL)
		return NULL;
	TAILQ_INIT(&refresher->jobs);
	pthread_mutex_init(&refresher->lock, NULL);
	monotonic_cond_open(&refresher->has_job);
	monotonic_cond_open(&refresher->has_answer);
	refresher->queue = fair_queue_open(threads, REFRESHER_JOBS_MAX, sites);
	refresher->is_slow =
	    calloc((size_t)sites, sizeof(refresher->is_slow[0]));
	if (refresher->queue != NULL && refresher->is_slow != NULL)
		return refresher;
	refresher_close(refresher);
	return NULL;
}

struct refresher *
refresher_open(struct breaker *breaker, refresher_work *work, int threads,
    int sites, int64_t deadline_ms)
{
	struct refresher *refresher = refresher_new(threads, sites);

	if (refresher == NULL)
		return NULL;
	refresher->work = work;
	refresher->deadline_ms = deadline_ms;
	for (; refresher->count < threads; refresher->count++) {
		if (start(refresher, breaker))
			continue;
		refresher_stop(refresher);
		refresher_close(refresher);
		return NULL;
	}
	return refresher;
}

/* Called with the lock held.  Returns a job that has not begun, or NULL. */
static struct job *
find_waiting(const struct refresher *refresher)
{
	struct job *job;

	TAILQ_FOREACH (job, &refresher->jobs, entry)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): unlinked */
		if (!job->is_begun)
			return job;
	return NULL;
}

void
refresher_stop(struct refresher *refresher)
{
	struct job *job;

	if (refresher == NULL)
		return;
	pthread_mutex_lock(&refresher->lock);
	refresher->is_stopping = true;
	while ((job = find_waiting(refresher)) != NULL) {
		fair_queue_remove(refresher->queue, &job->wait);
		end_job(refresher, job);
	}
	pthread_cond_broadcast(&refresher->has_job);
	pthread_cond_broadcast(&refresher->has_answer);
	pthread_mutex_unlock(&refresher->lock);
}

bool
refresher_is_idle(struct refresher *refresher)
{
	bool is_idle;

	if (refresher == NULL)
		return true;
	pthread_mutex_lock(&refresher->lock);
	is_idle = fair_queue_is_idle(refresher->queue);
	pthread_mutex_unlock(&refresher->lock);
	return is_idle;
}

void
refresher_close(struct refresher *refresher)
{
	if (refresher == NULL)
		return;
	for (int i = 0; i < refresher->count; i++) {
		struct helper *helper = &refresher->helpers[i];

		pthread_join(helper->thread, NULL);
		link_close(helper->link);
		arena_close(helper->arena);
	}
	pthread_cond_destroy(&refresher->has_job);
	pthread_cond_destroy(&refresher->has_answer);
	pthread_mutex_destroy(&refresher->lock);
	fair_queue_close(refresher->queue);
	free(refresher->is_slow);
	free(refresher);
}
