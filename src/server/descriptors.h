#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include "config/conf.h"

/*
 * Raises the limit of open files as far as needed, and returns the number of
 * connections to allow, at most [server] connections.  Many systems limit a
 * process to 1,024 descriptors.  Connections get only the descriptors that the
 * stores do not need: without connections to the stores no check could be
 * answered.  A number below [server] connections is logged.
 */
int descriptors_for_connections(const struct conf_all *conf);

#endif
