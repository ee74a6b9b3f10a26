#ifndef CTL_PING_H
#define CTL_PING_H

#include "ctl/open.h"

#define PING_SOCKET "/run/sessgate/sessgate.sock"

/* is_ok: the process can serve.  words: its state; may be in ctl->arena. */
struct ping {
	bool is_ok;
	const char *words;
};

/* Asks the process at the socket for /readyz; if that is denied, for /auth. */
struct ping ping_process(struct ctl *ctl, const char *path);

#endif
