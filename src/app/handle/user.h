#ifndef USER_H
#define USER_H

#include "app/app.h"

/*
 * The row of the session's own user.  Whoever has a session exists, or did a
 * moment ago: that the id was unknown before is not taken from a cache, or a
 * new user would be told so after the first login.
 */
enum result handle_user_read_own(struct context *c, struct user *user);

/*
 * GET /user/{id}: a profile, from the cache or the table.  Another user's is
 * shown as [user] access allows; one that may not be seen is not found.
 */
enum result handle_user_show(struct context *c);

/*
 * PATCH and PUT /user/{id}: changes columns of one's own row.  PATCH leaves
 * what is not named, PUT names all; null clears.
 */
enum result handle_user_patch(struct context *c);
enum result handle_user_put(struct context *c);

#endif
