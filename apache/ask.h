#ifndef APACHE_ASK_H
#define APACHE_ASK_H

#include <apr_pools.h>
#include <stddef.h>

struct kept;

/* The time limits of a question. */
struct ask_times {
	int connect_ms; /* until the backlog of the socket has space */
	int read_ms;	/* without a byte received, or sent */
	int total_ms;	/* for all of it, a second attempt included */
};

/* The records of a question, or the text of its answer. */
struct ask_bytes {
	char *ptr;
	size_t len;
};

/*
 * Sends a question to sessgate and reads the text of the answer into the pool.
 * If a kept connection is found closed before the first byte of an answer, the
 * question is sent once more over a new one.  Returns NULL, or the reason why
 * there is no answer; then *text is unchanged.
 */
const char *ask(struct kept *kept, const struct ask_times *times,
    apr_pool_t *pool, const struct ask_bytes *question, struct ask_bytes *text);

#endif
