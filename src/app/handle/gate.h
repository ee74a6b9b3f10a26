#ifndef GATE_H
#define GATE_H

#include "app/app.h"

/*
 * The gate in front of a site, in four modes:
 *
 *	FastCGI AUTHORIZER (FastCGI 1.0, 6.3): lighttpd, Apache; with
 *	SESSGATE_ROLE=gate as well mod_sessgate (apache/), whose 200 has more
 *	headers
 *	SESSGATE_ROLE=gate: nginx' subrequest, which passes 2xx, 401, 403
 *	SESSGATE_ROLE=login-redirect: nginx' error page of 401
 *	SESSGATE_ROLE=refusal: nginx' error page of 403 and 500; never 2xx
 *
 * The gate treats all methods, paths and bodies alike.
 */

/*
 * Returns the mode in which a request asks the gate.  GATE_NONE: it is a
 * request to the API, and its listener has not role=gate.
 */
enum gate_mode gate_mode_of(const struct request *request);

/*
 * Checks the request at the gate.  OK: the answer 200 with the identity is
 * written.  FULL: requeue.  Any other result is for gate_refuse.
 */
enum result handle_gate(struct context *c);

/*
 * Writes a refusal.  It is 303 to the login page if there is no login, the
 * request is a navigation of a browser and the mode allows a redirect;
 * otherwise 401, 403 or 5xx.  A public path gets 200 without an identity.
 */
void gate_refuse(struct context *c, enum answer answer);

#endif
