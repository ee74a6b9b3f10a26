#ifndef RUN_H
#define RUN_H

#include "config/conf.h"
#include "fcgi/listen.h"
#include "server/sites.h"

/*
 * Serves until SIGTERM, SIGINT or SIGUSR1.  Then finishes the requests that
 * have begun, for at most [server] stop_timeout.  SIGHUP and SIGUSR2 reopen the
 * log file.
 *
 * Returns the exit status: EX_OK, or EX_OSERR if a part could not be opened.
 */
int run(const struct conf_all *conf, const struct themes *themes,
    const struct listeners *listeners);

#endif
