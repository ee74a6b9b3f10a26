#ifndef TALLY_H
#define TALLY_H

#include "base/counters.h"
#include "base/result.h"

struct context;

/*
 * The labels that a request is counted with when it has been answered.  A
 * request that is run again starts with an empty struct.
 */
struct tally {
	enum counter_request request;
	bool is_checked; /* the session was checked */
	enum counter_check check;
	enum counter_from from;
	bool is_login;
	bool has_login_result;
	enum counter_login login;
};

/* Records the result of the session check. */
void tally_check(struct context *c, enum result result);

/* Records the outcome of a login. */
void tally_login(struct context *c, enum counter_login login);

/* Records why a login failed.  reason is that of audit_login_failed. */
void tally_login_failed(struct context *c, const char *reason);

/* Counts the request.  Call it once, when the answer is final. */
void tally_count(const struct context *c);

/* Returns the role that the duration of the request is counted for. */
enum counter_role tally_role(const struct context *c);

#endif
