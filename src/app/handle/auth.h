#ifndef AUTH_H
#define AUTH_H

#include "app/app.h"

/* GET /auth: whose session this is, and how long it lasts. */
enum result handle_auth(struct context *c);

#endif
