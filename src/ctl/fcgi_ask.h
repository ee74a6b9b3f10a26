#ifndef CTL_FCGI_ASK_H
#define CTL_FCGI_ASK_H

#include <stdint.h>

#include "base/arena.h"

struct fcgi_param {
	const char *name, *value;
};

/*
 * Sends one RESPONDER request without a body to the unix socket at path, and
 * reads the answer.  Returns its CGI status (200 if there is no Status line);
 * 0: no answer before deadline_ms (clock_ms), and why has the reason.
 */
int fcgi_ask(const char *path, const struct fcgi_param *params, size_t count,
    int64_t deadline_ms, char *why, size_t why_size);

#endif
