#ifndef AUTH_H
#define AUTH_H

#include "app/app.h"

/* GET /auth: whose session this is, and how long it lasts. */
enum result me_show(struct context *c);

#endif
