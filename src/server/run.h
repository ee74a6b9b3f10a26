#ifndef RUN_H
#define RUN_H

#include "config/conf.h"
#include "fcgi/listen.h"
#include "server/themes.h"

/*
 * Serves until a signal asks to stop (TERM, INT, USR1: what has begun is
 * finished first, for [server] stop_timeout at most; HUP opens the log file
 * anew).  The exit status: 0, or EX_OSERR where the system refuses a part.
 */
int run(const struct conf_all *conf, const struct themes *themes,
    const struct listeners *listeners);

#endif
