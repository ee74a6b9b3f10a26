#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>

/*
 * The result of a step, for every layer.  Each value that reaches a client has
 * a row in the table of answers (http/answer.c).
 *
 * RESULT_MISS (the store answered that something does not exist) is never
 * merged with a store that is down (it could not answer): an outage must not
 * look like a logout, nor a logout like an outage.
 */
enum result {
	RESULT_OK,
	RESULT_MISS,   /* the store answered that it does not exist */
	RESULT_NOAUTH, /* not authenticated: no session, or an invalid one */
	RESULT_DENY,   /* authenticated, but not allowed this */
	RESULT_BAD,    /* the request is invalid */
	RESULT_LIMIT,  /* the client is over a rate limit */
	/*
	 * No free place, or another request's lease is awaited: the request is
	 * requeued.  503 if it can no longer run again, as when its hash was
	 * not done in time.
	 */
	RESULT_FULL,
	/* The store is unavailable or exceeded its deadline. */
	RESULT_REDIS_DOWN,
	RESULT_MYSQL_DOWN,
	RESULT_FAULT, /* a bug, or an error of the configured SQL */
	/*
	 * A store refuses what was asked: a privilege is missing, or it runs no
	 * scripts.  The caller tries another way, or returns one of the
	 * results above.
	 */
	RESULT_REFUSED
};

/* True if a store could not answer. */
static inline bool
result_is_down(enum result result)
{
	return result == RESULT_REDIS_DOWN || result == RESULT_MYSQL_DOWN;
}

/* True if a write failed in such a way that it may have happened. */
static inline bool
result_may_be_written(enum result result)
{
	return result_is_down(result) || result == RESULT_FAULT;
}

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
