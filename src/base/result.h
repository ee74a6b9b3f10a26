#ifndef RESULT_H
#define RESULT_H

/*
 * The result of a step, for every layer. Each value that reaches a client is
 * one row of the answer table (http/answer.c).
 *
 * RESULT_MISS (it does not exist) and RESULT_DOWN (could not find out) are
 * never merged: an outage must not look like a logout, nor a logout like an
 * outage.
 */
enum result {
	RESULT_OK,
	RESULT_MISS,   /* the store answered: it does not exist */
	RESULT_NOAUTH, /* not authenticated: no session, or an invalid one */
	RESULT_DENY,   /* authenticated, but not allowed this */
	RESULT_BAD,    /* the request is invalid */
	RESULT_LIMIT,  /* over a rate limit */
	RESULT_FULL, /* no place free: the request is requeued (server/worker.c)
		      */
	RESULT_DOWN, /* a store is unavailable or exceeded its deadline */
	RESULT_FAULT /* a bug, or an error of the configured SQL */
};

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
