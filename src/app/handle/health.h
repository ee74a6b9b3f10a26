#ifndef HEALTH_H
#define HEALTH_H

#include "app/app.h"

/* GET /healthz: 200, as long as this process serves. */
enum result handle_health(struct context *c);

/* GET /readyz: 200 if Redis and MySQL answer too. */
enum result handle_ready(struct context *c);

#endif
