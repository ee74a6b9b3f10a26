#ifndef APACHE_SCOPE_H
#define APACHE_SCOPE_H

#include <stdbool.h>

/*
 * True if X-Sessgate-Scope says that its answer holds for this decoded path as
 * well (app/gate_rules.h): the first prefix covers the path, none of the others
 * does.  A path that servers may read in several ways is never covered.  Pure.
 */
bool scope_covers(const char *scope, const char *path);

#endif
