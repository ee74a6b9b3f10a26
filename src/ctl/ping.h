#ifndef CTL_PING_H
#define CTL_PING_H

#include "ctl/open.h"

#define PING_SOCKET "/run/sessgate/sessgate.sock"

/* The answer of a process. */
struct ping {
	bool is_ok;	   /* it answered as it should */
	const char *words; /* its state; a constant, or in ctl->arena */
};

/*
 * Asks the process at the socket about each site, or about `only` unless that
 * is NULL: /readyz or, where that is 403 or 404, /auth.  The answer is that of
 * the first site that is not well.  Takes at most 3 s.
 */
struct ping ping_process(
    struct ctl *ctl, const struct conf *only, const char *socket);

#endif
