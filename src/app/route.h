#ifndef ROUTE_H
#define ROUTE_H

#include "app/app.h"

/*
 * Answers the request into c->reply: role, row of the table, guards, handler,
 * result.  RESULT_FULL: no place was free, nothing was answered or changed,
 * and the same request may be dispatched again; otherwise RESULT_OK.
 */
enum result route_dispatch(struct context *c);

/* Answers with a refusal instead. */
void route_refuse(struct context *c, enum answer answer);

#endif
