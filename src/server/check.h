#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "config/conf.h"

/*
 * --check-config, after the configuration has been read: connects to Redis and
 * MySQL, authenticates, and prepares every statement of every site.  Prints
 * each success on stdout and each failure on stderr.  True: everything works.
 */
bool check_stores(const struct conf_all *all);

#endif
