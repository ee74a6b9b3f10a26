#ifndef GATE_H
#define GATE_H

#include <stdbool.h>

#include "app/app.h"

/*
 * The gate in front of a site, in four modes:
 *
 *	FastCGI AUTHORIZER (FastCGI 1.0, 6.3): lighttpd, Apache; with
 *	SESSGATE_ROLE=gate as well mod_sessgate (apache/), whose 200 says more
 *	SESSGATE_ROLE=gate: nginx' subrequest, which passes 2xx, 401, 403
 *	SESSGATE_ROLE=login-redirect: nginx' error page of 401
 *	SESSGATE_ROLE=refusal: nginx' error page of 403 and 500; never 2xx
 *
 * Method, path and body are not special to the gate.
 */

/* True for a request to the gate, or one that only the gate may answer. */
bool gate_is_asked(const struct request *request);

/*
 * OK: the answer is written: 200 with the identity.  FULL: requeue.  Pass every
 * other result to gate_refuse.
 */
enum result handle_gate(struct context *c);

/*
 * Writes a refusal: 303 to the login page if there is no login, the request is
 * a browser's navigation and the mode allows it; otherwise 401, 403 or 5xx.  A
 * public path gets 200 without an identity.
 */
void gate_refuse(struct context *c, enum answer answer);

#endif
