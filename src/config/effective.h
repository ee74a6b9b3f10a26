#ifndef EFFECTIVE_H
#define EFFECTIVE_H

#include <stdbool.h>

#include "config/conf.h"

/* The number of workers that logins and SQL leave to the session checks. */
#define EFFECTIVE_WORKERS_LEFT 8

/*
 * Fills conf->effective from the options.  conf->redis must be parsed already.
 * cores is the number of processors; 0: ask the system.  False: no memory.
 */
bool effective_settle(struct conf *conf, int cores);

#endif
