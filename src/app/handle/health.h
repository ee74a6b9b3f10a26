#ifndef HEALTH_H
#define HEALTH_H

#include "app/app.h"

/* GET /healthz: this process answers. */
enum result handle_health(struct context *c);

/* GET /readyz: Redis and MySQL answer too. */
enum result handle_ready(struct context *c);

#endif
