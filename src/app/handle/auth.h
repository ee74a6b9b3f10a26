#ifndef AUTH_H
#define AUTH_H

#include "app/app.h"

/* GET /auth: the user of this session, and when it ends. */
enum result handle_auth(struct context *c);

#endif
