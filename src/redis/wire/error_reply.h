#ifndef ERROR_REPLY_H
#define ERROR_REPLY_H

#include "redis/wire/resp.h"

/*
 * The meaning of an error reply, for every link of the process: those of the
 * workers, those of the cache and the prober's.  Only ERROR_DATA says anything
 * about a session; all others are "could not tell".  The larger the value, the
 * more it decides where several errors stand in one reply.
 */
enum error_meaning {
	ERROR_NONE,
	ERROR_DATA,	 /* the key holds what we cannot read */
	ERROR_COMMAND,	 /* this command is refused; others may work */
	ERROR_LINK,	 /* this connection is not let in; others may be */
	ERROR_SERVER,	 /* the server serves nobody now: the breaker opens */
	ERROR_ELSEWHERE, /* another server has to be asked */
};

/* By the first words of an error reply (redis.io, RESP, simple errors). */
enum error_meaning error_reply_meaning(struct str text);

/*
 * The worst error in a value, those nested in lists included (scripts, EXEC,
 * MGET).  *text is that error's, and stays as it was where there is none.
 */
enum error_meaning error_reply_worst(
    const struct resp_value *value, struct str *text);

#endif
