#ifndef HANDLE_SESSIONS_H
#define HANDLE_SESSIONS_H

#include "app/app.h"

/* GET /sessions: the user's live sessions, most recently seen first. */
enum result handle_sessions_show(struct context *c);

/* DELETE /sessions/{id}, POST /sessions/{id}/end; {id} is a handle. */
enum result handle_sessions_end_one(struct context *c);

#endif
