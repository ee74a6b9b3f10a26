#ifndef EFFECTIVE_H
#define EFFECTIVE_H

#include <stdbool.h>

#include "config/conf.h"

/* Workers that logins and SQL always leave to the checks. */
#define IN_FORCE_WORKERS_LEFT 8

/*
 * Fills conf->effective from the options; conf->redis is parsed already.
 * cores: 0 asks the system.  False: no memory.
 */
bool effective_settle(struct conf *conf, int cores);

#endif
