/* The ring of the last ends of sessions. */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "redis/wire/ends.h"

struct noted {
	int64_t at_ms; /* clock_ms */
	char *bytes;   /* the texts of end are views of it */
	size_t size;
	struct end end;
};

struct ends {
	atomic_bool are_owed;
	pthread_mutex_t lock; /* guards all below */
	uint64_t count;	      /* ends so far; the next one gets this number */
	struct noted ring[ENDS_MAX];
};

struct ends *
ends_open(void)
{
	struct ends *ends = calloc(1, sizeof(*ends));

	if (ends != NULL)
		pthread_mutex_init(&ends->lock, NULL);
	return ends;
}

/* Wipes the bytes: a plain key contains a token. */
static void
forget(struct noted *noted)
{
	if (noted->bytes != NULL)
		explicit_bzero(noted->bytes, noted->size);
	free(noted->bytes);
}

void
ends_close(struct ends *ends)
{
	if (ends == NULL)
		return;
	for (size_t i = 0; i < ENDS_MAX; i++)
		forget(&ends->ring[i]);
	pthread_mutex_destroy(&ends->lock);
	free(ends);
}

/* Copies s to *to, and moves *to behind it.  STR_NONE stays STR_NONE. */
static struct str
copy_behind(char **to, struct str s)
{
	struct str copy = { *to, s.len };

	if (str_is_none(s))
		return STR_NONE;
	memcpy(*to, s.ptr, s.len);
	*to += s.len;
	return copy;
}

void
ends_note(struct ends *ends, const struct end *end)
{
	struct noted noted = { .at_ms = clock_ms(),
		.size = end->key.len + end->text.len + end->old.len +
			end->ttl_s.len };
	struct noted *oldest, former;
	char *to;

	if (ends == NULL)
		return;
	noted.bytes = to = malloc(noted.size);
	if (to == NULL)
		return;
	noted.end.key = copy_behind(&to, end->key);
	noted.end.text = copy_behind(&to, end->text);
	noted.end.old = copy_behind(&to, end->old);
	noted.end.ttl_s = copy_behind(&to, end->ttl_s);
	pthread_mutex_lock(&ends->lock);
	oldest = &ends->ring[ends->count++ % ENDS_MAX];
	former = *oldest;
	*oldest = noted;
	pthread_mutex_unlock(&ends->lock);
	forget(&former);
}

void
ends_owe(struct ends *ends)
{
	if (ends != NULL)
		atomic_store(&ends->are_owed, true);
}

void
ends_settle(struct ends *ends)
{
	if (ends != NULL)
		atomic_store(&ends->are_owed, false);
}

bool
ends_are_owed(const struct ends *ends)
{
	return ends != NULL && atomic_load(&ends->are_owed);
}

/*
 * Called with the lock held.  Returns the number of the first end from number
 * on that is young enough, or the count.
 */
static uint64_t
find_young(const struct ends *ends, uint64_t number)
{
	int64_t oldest_ms = clock_ms() - ENDS_YOUNG_MS;

	if (ends->count > ENDS_MAX && number < ends->count - ENDS_MAX)
		number = ends->count - ENDS_MAX;
	while (number < ends->count &&
	       ends->ring[number % ENDS_MAX].at_ms < oldest_ms)
		number++;
	return number;
}

bool
ends_next(
    struct ends *ends, struct arena *arena, uint64_t *number, struct end *end)
{
	bool is_there;

	if (ends == NULL)
		return false;
	pthread_mutex_lock(&ends->lock);
	*number = find_young(ends, *number);
	is_there = *number < ends->count;
	if (is_there) {
		const struct end *noted =
		    &ends->ring[(*number)++ % ENDS_MAX].end;

		*end = (struct end){ .key = arena_dup(arena, noted->key),
			.text = arena_dup(arena, noted->text),
			.old = arena_dup(arena, noted->old),
			.ttl_s = arena_dup(arena, noted->ttl_s) };
	}
	pthread_mutex_unlock(&ends->lock);
	return is_there;
}
