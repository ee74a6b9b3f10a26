#ifndef HEALTH_H
#define HEALTH_H

#include "app/app.h"

/* GET /healthz: 200, as long as this process serves. */
enum result handle_health(struct context *c);

/*
 * GET /readyz: 200 if Redis takes a write and MySQL reads a login too; else 503
 * with the reason of each (app/readiness.h).
 */
enum result handle_ready(struct context *c);

#endif
