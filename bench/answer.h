/* Where an answer ends and what its status is, in FastCGI and in HTTP. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdbool.h>
#include <stddef.h>

enum answer_state { ANSWER_MORE, ANSWER_WHOLE, ANSWER_BAD };

struct answer {
	int status;
	bool is_last; /* the peer will close the connection */
};

/*
 * Looks at all bytes of an answer that have come.  answer is filled when they
 * are whole; BAD is what cannot be read, or is longer than it should be.
 */
enum answer_state answer_read_fcgi(
    const char *bytes, size_t len, struct answer *answer);
enum answer_state answer_read_http(
    const char *bytes, size_t len, struct answer *answer);

#endif
