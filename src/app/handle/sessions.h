#ifndef HANDLE_SESSIONS_H
#define HANDLE_SESSIONS_H

#include "app/app.h"

/* GET /sessions: the live sessions of the user, the last seen first. */
enum result handle_sessions_show(struct context *c);

/*
 * DELETE /sessions/{id} and POST /sessions/{id}/end: end one session of the
 * user.  {id} is its handle.
 */
enum result handle_sessions_end_one(struct context *c);

#endif
