#ifndef ROUTE_H
#define ROUTE_H

#include "app/app.h"

/*
 * Answers the request into c->reply.
 *
 * RESULT_OK: c->reply is complete; it may be a refusal.  RESULT_FULL: no place
 * was free; there is no answer and nothing has changed.  Requeue the request
 * and dispatch it again.
 */
enum result route_dispatch(struct context *c);

/* Answers a request for an unknown site: 403 for every role and path. */
void route_refuse_site(struct context *c);

/*
 * Replaces the whole answer by a refusal: JSON, an HTML page, or an answer of
 * the gate.
 */
void route_refuse(struct context *c, enum answer answer);

#endif
