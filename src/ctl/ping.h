#ifndef CTL_PING_H
#define CTL_PING_H

#include "ctl/open.h"

#define PING_SOCKET "/run/sessgate/sessgate.sock"

/* Whether a process answers, and in words; words live in ctl->arena. */
struct ping {
	bool is_ok;
	const char *words;
};

/* Sends one request to the socket at path. */
struct ping ping_process(struct ctl *ctl, const char *path);

#endif
