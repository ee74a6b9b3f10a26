#ifndef APACHE_GATE_H
#define APACHE_GATE_H

#include <stdbool.h>

#include <httpd.h>
#include <mod_auth.h>

#include "apache/fcgi_answer.h"

/*
 * The answer of sessgate about an address.  It lives as long as the client's
 * request, which may become several in httpd (gate.c).
 */
struct verdict {
	const struct verdict *next;
	const char *path;  /* the address, decoded */
	const char *scope; /* paths that share the verdict; NULL: path only */
	const char *site;
	int status;	  /* HTTP_OK, or the status of the refusal */
	const char *user; /* NULL: a refusal, or a stranger on a public page */
	/* NULL: there was no answer that makes sense */
	const struct fcgi_answer *answer;
};

/* The verdict by which a request passed or was refused; NULL: not guarded. */
const struct verdict *gate_verdict(const request_rec *r);

/*
 * The verdict of r, or of the last request that led to it by an internal
 * redirect: the answer to the client depends on it.  NULL: none was guarded.
 */
const struct verdict *gate_clients_verdict(const request_rec *r);

/*
 * True for a place without an AuthType, or with AuthType sessgate or None:
 * there the user of the request is the one that sessgate names.
 */
bool gate_names_user(request_rec *r);

/*
 * Hooks, in the order in which they run.  gate_check asks sessgate, once the
 * configuration of the address is known.  A refusal ends the request before
 * `Satisfy Any`, `Require all granted` or a .htaccess could let it pass.
 */
int gate_check(request_rec *r);

/*
 * Sets the user that a directive Require wants: the one that gate_check found.
 * With AuthType sessgate it asks, also without SessgateGuard.  If there is no
 * user it sends the client to the login.
 */
int gate_authenticate(request_rec *r);

/* Require sessgate-role NAME.. */
extern const authz_provider gate_role_provider;

/* Refuses a guarded request that has not passed, whatever other hooks did. */
int gate_hold(request_rec *r);

/*
 * Runs when the request is mapped to its file or handler: later subrequests are
 * for other addresses.  Sets user and variables again.
 */
int gate_pass(request_rec *r);

#endif
