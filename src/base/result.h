#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>

/*
 * What a step came to.  One vocabulary for every layer, one row of the
 * answer table (http/answer.c) for each that reaches a client.
 *
 * RESULT_MISS (it does not exist) and a store that is down (could not tell)
 * never merge: an outage must not look like a logout, nor a logout like an
 * outage.
 */
enum result {
	RESULT_OK,
	RESULT_MISS,   /* asked, and it is not there */
	RESULT_NOAUTH, /* nobody: no session, or a bad one */
	RESULT_DENY,   /* somebody, but not allowed this */
	RESULT_BAD,    /* the request is wrong */
	RESULT_LIMIT,  /* too many */
	RESULT_FULL, /* no place free: the request steps back (server/worker.c)
		      */
	/* could not tell: the store is unavailable, or past its deadline */
	RESULT_REDIS_DOWN,
	RESULT_MYSQL_DOWN,
	RESULT_FAULT /* a defect of ours, or of the configured SQL */
};

/* Could a store not tell? */
static inline bool
result_is_down(enum result result)
{
	return result == RESULT_REDIS_DOWN || result == RESULT_MYSQL_DOWN;
}

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
