#ifndef USER_H
#define USER_H

#include "app/app.h"
#include "http/json_write.h"

/*
 * Reads the row of the logged-in user.  A cached "no such user" is not trusted
 * here: the session proves that the user existed, and a new user may have been
 * cached as unknown.  MISS: the users table has no such row.
 */
enum result handle_user_read_own(struct context *c, struct user *user);

/*
 * Begins an answer 200 whose first members are the message, a constant without
 * escapes, and the user.  The caller may add members with the returned writer,
 * and must end the object.
 */
struct json_writer handle_user_answer(
    struct context *c, struct str message, const struct user *user);

/*
 * GET /user/{id}: a profile, from the cache or the table.  [user] access
 * decides whether other users are shown; a hidden one is answered with 404.
 */
enum result handle_user_show(struct context *c);

/*
 * PATCH and PUT /user/{id}: change columns of the user's own row.  PATCH
 * changes the given columns, PUT must give all; null clears a column.
 */
enum result handle_user_patch(struct context *c);
enum result handle_user_put(struct context *c);

#endif
