#ifndef USER_H
#define USER_H

#include "app/app.h"

/*
 * GET /user/{id}: a profile, from the cache or the table.  Another user's is
 * shown as [user] access allows; one that may not be seen is not found.
 */
enum result user_show(struct context *c);

/*
 * PATCH and PUT /user/{id}: changes columns of one's own row.  PATCH leaves
 * what is not named, PUT names all; null clears.
 */
enum result user_patch(struct context *c);
enum result user_put(struct context *c);

#endif
