#ifndef RELOAD_VARIABLE_H
#define RELOAD_VARIABLE_H

#include "server/reload.h"

enum { RELOAD_VARIABLE_SIZE = PATH_MAX + 512 };

/*
 * Reads SESSGATE_RELOAD and removes it from the environment.  False: it is
 * unset, malformed, or meant for another process; reload->part is RELOAD_NONE.
 */
bool reload_variable_read(struct reload *reload);

/*
 * Writes SESSGATE_RELOAD=VALUE for a program that gets this part and inherits
 * the descriptor channel.  It has numbers and the program's path, no secrets.
 */
void reload_variable_write(const struct reload *reload, enum reload_part part,
    int channel, char text[RELOAD_VARIABLE_SIZE]);

#endif
