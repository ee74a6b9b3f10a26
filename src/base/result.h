#ifndef RESULT_H
#define RESULT_H

/*
 * What a step came to.  One vocabulary for every layer, one row of the
 * answer table (http/answer.c) for each that reaches a client.
 *
 * RESULT_MISS (it does not exist) and RESULT_DOWN (could not tell) never
 * merge: an outage must not look like a logout, nor a logout like an outage.
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
	RESULT_DOWN, /* could not tell: a store is away or past its deadline */
	RESULT_FAULT /* a defect of ours, or of the configured SQL */
};

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
