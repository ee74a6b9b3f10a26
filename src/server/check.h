#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "config/conf.h"

/*
 * --check-config, after the file has been read: connects to Redis and MySQL,
 * authenticates, prepares every statement of every site.  Says on stdout what
 * works and on stderr what does not; true: all does.
 */
bool check_stores(const struct conf_all *all);

#endif
