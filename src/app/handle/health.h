#ifndef HEALTH_H
#define HEALTH_H

#include "app/app.h"

/* GET /healthz: 200 while this process serves. */
enum result handle_health(struct context *c);

/*
 * GET /readyz: 200 if Redis accepts a write and MySQL reads a login; else 503
 * with the reason of each (app/readiness.h).
 */
enum result handle_ready(struct context *c);

#endif
