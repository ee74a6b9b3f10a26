#ifndef TALLY_H
#define TALLY_H

#include "base/counters.h"
#include "base/result.h"

struct context;

/*
 * The labels that one request is counted with, once it is answered: a request
 * that is requeued begins with an empty one.
 */
struct tally {
	enum counter_request request;
	bool is_checked; /* a session was judged */
	enum counter_check check;
	enum counter_from from;
	bool is_login;
	bool has_login_result;
	enum counter_login login;
};

/* Notes what the check of a session came to. */
void tally_check(struct context *c, enum result result);

/* Notes the outcome of a login. */
void tally_login(struct context *c, enum counter_login login);

/* Notes why a login failed: a reason of audit_login_failed. */
void tally_login_failed(struct context *c, const char *reason);

/* Counts the request, whose answer is final. */
void tally_count(const struct context *c);

/* The role under which its duration is counted. */
enum counter_role tally_role(const struct context *c);

#endif
