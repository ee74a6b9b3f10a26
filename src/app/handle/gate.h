#ifndef GATE_H
#define GATE_H

#include <stdbool.h>

#include "app/app.h"

/*
 * The gate in front of a site, in its forms: FastCGI AUTHORIZER
 * (FastCGI 1.0, 6.3; lighttpd, Apache), SESSGATE_ROLE=gate (the subrequest of
 * nginx, which lets 2xx, 401 and 403 through), login-redirect, its error page
 * of 401, and refusal, its error page of 403 and 500, which has no 2xx.  No
 * method, path or body is special to it.
 */

/* Is this a request to the gate, or one that nobody but the gate may answer? */
bool gate_is_asked(const struct request *request);

/*
 * OK: the answer is written, 200 with the identity or the way to the login.
 * Every other result is for gate_refuse, but FULL.
 */
enum result handle_gate(struct context *c);

/*
 * Writes a refusal: 303 to the login page where nobody is logged in, the
 * request is a browser's navigation and the form lets it through; else 401,
 * 403 or 5xx.
 */
void gate_refuse(struct context *c, enum answer answer);

#endif
