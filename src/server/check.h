#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "config/conf.h"

/*
 * --check-config, after the configuration has been read: reads the themes,
 * connects to Redis and MySQL, authenticates, and prepares every statement of
 * every site.  Prints each success on stdout, each failure and warning on
 * stderr.  is_offline: asks no store.  Returns EX_OK if everything works, else
 * EX_CONFIG.
 */
int check_config(const struct conf_all *conf, const struct conf_source *source,
    bool is_offline);

#endif
