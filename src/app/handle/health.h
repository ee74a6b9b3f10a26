#ifndef HEALTH_H
#define HEALTH_H

#include "app/app.h"

/* GET /healthz: this process answers. */
enum result ops_health(struct context *c);

/* GET /readyz: Redis and MySQL answer too. */
enum result ops_ready(struct context *c);

#endif
