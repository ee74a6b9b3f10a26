#ifndef APACHE_GATE_H
#define APACHE_GATE_H

#include <stdbool.h>

#include <httpd.h>
#include <mod_auth.h>

#include "apache/fcgi_answer.h"

/*
 * The answer of sessgate about an address.  It lives as long as the request of
 * the client, which may cause several in the server: internal redirects and
 * subrequests.
 */
struct verdict {
	const struct verdict *next;
	const char *path;  /* the address, decoded */
	const char *scope; /* the paths that share it; NULL: this one only */
	const char *site;
	int status;	  /* HTTP_OK, or with what to refuse the request */
	const char *user; /* NULL: a refusal, or a stranger on a public page */
	/* NULL: there was none, or none that makes sense */
	const struct fcgi_answer *answer;
};

/* The verdict by which a request passed or was refused; NULL: not guarded. */
const struct verdict *gate_verdict(const request_rec *r);

/*
 * The verdict that the answer to the client depends on: its own, or that of
 * the request that it was redirected from.  NULL: no part of it was guarded.
 */
const struct verdict *gate_clients_verdict(const request_rec *r);

/*
 * True for a place without an AuthType, or with AuthType sessgate: there the
 * user of the request is the one that sessgate names.
 */
bool gate_names_user(request_rec *r);

/*
 * Hooks, in the order in which they run.
 *
 * gate_check asks, once the configuration of the address is known.  A refusal
 * ends the request here, before `Satisfy Any`, `Require all granted` or a
 * .htaccess have a say.
 */
int gate_check(request_rec *r);

/*
 * Names the user whom a directive Require wants: the one that gate_check found,
 * or with AuthType sessgate, also without SessgateGuard, one that is asked for.
 */
int gate_authenticate(request_rec *r);

/* Require sessgate-role NAME.. */
extern const authz_provider gate_role_provider;

/* Refuses what is guarded and has not passed, whatever the hooks before did. */
int gate_hold(request_rec *r);

/* The address has its file or handler; what comes now is another address. */
int gate_pass(request_rec *r);

#endif
