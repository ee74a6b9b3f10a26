#ifndef RUN_H
#define RUN_H

#include "config/conf.h"
#include "fcgi/listen.h"
#include "server/reload.h"
#include "server/sites.h"

/*
 * Serves until SIGTERM, SIGINT or SIGUSR1.  Then finishes the requests that
 * have begun, for at most [server] stop_timeout.  SIGUSR2 reopens the log file.
 * SIGHUP reopens it and reloads: if the reload succeeds, run returns with
 * reload->is_leaving set, and the caller calls reload_exec.
 *
 * Returns the exit status: EX_OK, or EX_OSERR if a part could not be opened.
 */
int run(const struct conf_all *conf, const struct themes *themes,
    const struct listeners *listeners, struct reload *reload);

#endif
