#ifndef PASSWORDS_H
#define PASSWORDS_H

#include "app/app.h"

/* POST /password: another password for who knows the one that stands. */
enum result passwords_change(struct context *c);

#endif
