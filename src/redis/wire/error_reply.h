#ifndef ERROR_REPLY_H
#define ERROR_REPLY_H

#include "redis/wire/resp.h"

/*
 * Classes of error replies, for every link of the process: the workers', the
 * tracker's and the prober's.  Only ERROR_DATA says anything about a session;
 * all others mean that Redis could not tell.  Of several errors in one reply
 * the largest value decides.
 */
enum error_meaning {
	ERROR_NONE,
	ERROR_DATA,    /* the key has another type, or is too long */
	ERROR_COMMAND, /* this command is refused; others may work */
	/* this connection is not admitted; others may be */
	ERROR_LINK,
	/* the server serves no client now: the breaker opens */
	ERROR_SERVER,
	ERROR_ELSEWHERE, /* another server has to be asked */
};

/*
 * Classifies an error reply by its first words (redis.io, RESP, simple errors).
 */
enum error_meaning error_reply_meaning(struct str text);

/*
 * Finds the worst error in a value, including nested ones (scripts, EXEC,
 * MGET).  Sets *text to its text, or leaves it alone if there is no error.
 */
enum error_meaning error_reply_worst(
    const struct resp_value *value, struct str *text);

#endif
