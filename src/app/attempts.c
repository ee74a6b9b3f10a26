/* Login attempts that are counted but not yet decided. */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>

#include "app/attempts.h"
#include "base/monotonic.h"

struct attempts {
	pthread_mutex_t lock;
	pthread_cond_t has_ended;
	uint64_t ended;
	LIST_HEAD(attempt_list, attempt) under_way;
};

struct attempts *
attempts_open(void)
{
	struct attempts *attempts = calloc(1, sizeof(*attempts));

	if (attempts == NULL)
		return NULL;
	pthread_mutex_init(&attempts->lock, NULL);
	monotonic_cond_open(&attempts->has_ended);
	LIST_INIT(&attempts->under_way);
	return attempts;
}

void
attempts_close(struct attempts *attempts)
{
	if (attempts == NULL)
		return;
	pthread_cond_destroy(&attempts->has_ended);
	pthread_mutex_destroy(&attempts->lock);
	free(attempts);
}

void
attempts_begin(struct attempts *attempts, struct attempt *attempt)
{
	pthread_mutex_lock(&attempts->lock);
	LIST_INSERT_HEAD(&attempts->under_way, attempt, entry);
	pthread_mutex_unlock(&attempts->lock);
}

void
attempts_end(struct attempts *attempts, struct attempt *attempt)
{
	pthread_mutex_lock(&attempts->lock);
	LIST_REMOVE(attempt, entry);
	attempts->ended++;
	pthread_cond_broadcast(&attempts->has_ended);
	pthread_mutex_unlock(&attempts->lock);
}

uint64_t
attempts_ended(struct attempts *attempts)
{
	uint64_t ended;

	pthread_mutex_lock(&attempts->lock);
	ended = attempts->ended;
	pthread_mutex_unlock(&attempts->lock);
	return ended;
}

static bool
is_counted_by(const struct attempt *attempt, const struct limit_bucket *bucket)
{
	for (size_t i = 0; i < attempt->bucket_count; i++)
		if (str_eq(attempt->buckets[i].scope, bucket->scope) &&
		    str_eq(attempt->buckets[i].name, bucket->name))
			return true;
	return false;
}

static bool
has_under_way(
    const struct attempts *attempts, const struct limit_bucket *bucket)
{
	const struct attempt *attempt;

	LIST_FOREACH (attempt, &attempts->under_way, entry)
		if (is_counted_by(attempt, bucket))
			return true;
	return false;
}

bool
attempts_explain(struct attempts *attempts, const struct limit_bucket *bucket,
    uint64_t ended)
{
	bool is_explained;

	pthread_mutex_lock(&attempts->lock);
	is_explained =
	    attempts->ended != ended || has_under_way(attempts, bucket);
	pthread_mutex_unlock(&attempts->lock);
	return is_explained;
}

bool
attempts_await(struct attempts *attempts, struct place_claims *claims,
    const struct limit_bucket *bucket, uint64_t ended, int64_t until_ms)
{
	bool has_ended;

	place_before_wait(claims);
	pthread_mutex_lock(&attempts->lock);
	while (attempts->ended == ended && has_under_way(attempts, bucket) &&
	       monotonic_cond_wait(
		   &attempts->has_ended, &attempts->lock, until_ms))
		;
	has_ended = attempts->ended != ended;
	pthread_mutex_unlock(&attempts->lock);
	return has_ended;
}
