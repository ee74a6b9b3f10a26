#ifndef APP_H
#define APP_H

#include "app/tally.h"
#include "base/call.h"
#include "base/hash_pool.h"
#include "base/result.h"
#include "config/conf.h"
#include "http/answer.h"
#include "http/reply.h"
#include "http/request.h"
#include "secret/tag.h"
#include "store/store.h"

struct attempts;
struct readiness;
struct theme;

/*
 * Shared by all requests of one site; immutable once the workers run.  The
 * application reaches the server's hash pool through a function pointer, so
 * that unit tests can replace it.
 */
struct app {
	const struct conf *conf;
	const struct theme *theme;
	/*
	 * Runs the job on the hash pool.  True: the job is done, and the caller
	 * owns job->arg.  False: the job was not done in time; the pool owns
	 * job->arg and frees it.
	 */
	bool (*hash_run)(void *pool, struct place_claims *claims,
	    const struct hash_job *job);
	void *hash_pool;
	struct attempts *attempts;   /* of this site; has its own lock */
	struct readiness *readiness; /* of this site; has its own lock */
};

/*
 * Returns the keys that sign and verify the cookies of the site; there may be
 * none.
 */
static inline struct tag_keys
app_keys(const struct app *app)
{
	return (struct tag_keys){ .keys = app->conf->secrets.secrets,
		.count = app->conf->secrets.count,
		.site = str_from(app->conf->site) };
}

/*
 * The logged-in user who sent a request; guard_session (app/guard.h) fills it.
 */
struct identity {
	struct str token;
	struct session_facts found; /* checked by guard_session */
	int64_t expires_ms; /* the end of the session (guard_expires_ms) */
};

/*
 * Returns the login as the users table has it now.  The session record holds
 * the login that the user had when the session began.  That login may belong to
 * another user today, so it counts only if the account data have none.
 */
static inline struct str
identity_login(const struct identity *who)
{
	return str_is_none(who->found.account.login) ? who->found.session.login
						     : who->found.account.login;
}

/* The values of a submitted login form, with which it is shown again. */
struct filled {
	bool is_filled;
	struct str email; /* STR_NONE: must not be shown */
	struct str next;  /* accepted by next_read, or STR_NONE */
	bool is_remembered;
};

/* The mode in which a request asks the gate. */
enum gate_mode {
	GATE_NONE, /* this is no request to the gate */
	GATE_AUTHORIZER,
	GATE_SUBREQUEST,
	GATE_LOGIN_REDIRECT,
	GATE_REFUSAL, /* to choose an error page: never 2xx or 3xx */
	GATE_UNKNOWN  /* unknown SESSGATE_ROLE: refused */
};

/* The page or form of the account pages that a request is for. */
enum account_form {
	ACCOUNT_NONE,
	ACCOUNT_PAGE,
	ACCOUNT_SESSION, /* ends one session */
	ACCOUNT_OTHERS,	 /* ends all other sessions, or all */
	ACCOUNT_PASSWORD,
	ACCOUNT_FACTOR /* the page for a second factor, and its forms */
};

/* The state of a request that app/handle/account.c needs. */
struct account_request {
	enum account_form form;
	bool differs;	    /* the new password was typed in two ways */
	bool is_other_user; /* the form was made for another user */
	struct str secret;  /* a new second factor from its form, or STR_NONE */
	bool is_unfit;	    /* the form for a second factor is malformed */
};

/* The state of a request that app/handle/reset.c needs. */
struct reset_request {
	bool is_here;	  /* the path is /reset */
	bool may_go_on;	  /* a refusal shows the form again, with the token */
	bool differs;	  /* the new password was typed in two ways */
	struct str token; /* well-formed, or STR_NONE */
};

/*
 * One request on its way through the application.
 *
 * A handler may run more than once.  When it returns RESULT_FULL (no place is
 * free), the worker requeues the request and later runs it again from the
 * start, guards included, with a new context.  So until places_commit()
 * (base/places.h) a handler must not have a side effect that a second run
 * would repeat: take the places first, then write.  After places_commit() the
 * request never runs again; place_take() then waits, and RESULT_FULL is
 * answered with 503.
 */
struct context {
	const struct app *app;
	const struct request *request;
	struct reply *reply;
	struct call *call;
	const struct stores *stores;
	enum gate_mode gate_mode; /* set by route_dispatch */
	struct str id;	    /* the segment for {id} in the path of the route */
	bool is_form;	    /* the body is an HTML form */
	bool is_page;	    /* answers and refusals are HTML pages */
	bool is_public;	    /* at the gate: this path needs no login */
	struct filled form; /* values to fill the login form with */
	struct str back;    /* URL of a link back, or STR_NONE */
	struct account_request account;
	struct reset_request reset;
	bool is_unsaved;       /* a refusal loses the body (not GET, HEAD) */
	struct identity who;   /* filled once guard_session has succeeded */
	enum answer answer;    /* ANSWER_NONE: answer_of the result */
	int64_t retry_after_s; /* only with ANSWER_LIMITED */
	int64_t not_before_ms; /* clock_ms; the answer is not sent earlier */
	enum answer refused; /* the refusal that was sent; ANSWER_NONE: none */
	struct tally tally;
};

/* Sets the refusal and returns the result: `return context_refuse(c, ...)`. */
static inline enum result
context_refuse(struct context *c, enum result result, enum answer answer)
{
	c->answer = answer;
	return result;
}

#endif
