#ifndef RELOAD_VARIABLE_H
#define RELOAD_VARIABLE_H

#include "server/reload.h"

enum { RELOAD_VARIABLE_SIZE = PATH_MAX + 512 };

/*
 * Reads what the program before this one says, and takes it out of the
 * environment.  False: nothing is said to this process, and reload->part is
 * RELOAD_NONE.
 */
bool reload_variable_read(struct reload *reload);

/*
 * Writes NAME=VALUE for a program that gets this part, and the channel as a
 * descriptor.  Numbers and the program's path, no secrets.
 */
void reload_variable_write(const struct reload *reload, enum reload_part part,
    int channel, char text[RELOAD_VARIABLE_SIZE]);

#endif
