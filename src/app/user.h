#ifndef USER_H
#define USER_H

#include "app/app.h"

/*
 * GET /user/{id}: a profile, from the cache or the table.  Another user's is
 * shown as [user] access allows; one that may not be seen is not found.
 */
enum result user_show(struct context *c);

#endif
