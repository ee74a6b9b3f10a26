#ifndef APP_H
#define APP_H

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
struct theme;

/*
 * What all requests share; immutable once the workers run.  What the
 * application needs of the server reaches it as function pointers, so that
 * tests can stand in for it.
 */
struct app {
	const struct conf *conf;
	const struct theme *theme;
	/*
	 * Runs the job where password hashes run.  True: it is done, and arg
	 * is the caller's; false: not in time, and arg is not the caller's.
	 */
	bool (*hash_run)(void *pool, struct place_claims *claims,
	    const struct hash_job *job);
	void *hash_pool;
	struct attempts *attempts; /* the site's; has a lock of its own */
};

/* What signs, and verifies, what this site hands out; maybe nothing. */
static inline struct tag_keys
app_keys(const struct app *app)
{
	return (struct tag_keys){ .keys = app->conf->secrets.secrets,
		.count = app->conf->secrets.count,
		.site = str_from(app->conf->site) };
}

/* Who sent the request; filled by app/guard.c. */
struct identity {
	struct str token;
	struct session_facts found; /* as it was judged */
	int64_t expires_ms;	    /* when the session ends, as far as known */
};

/*
 * The login as the table spells it now: one that was given to somebody else
 * meanwhile must not come out of an old session.
 */
static inline struct str
identity_login(const struct identity *who)
{
	return str_is_none(who->found.account.login) ? who->found.session.login
						     : who->found.account.login;
}

/* A login form that was sent, for it to be shown again. */
struct filled {
	bool is_filled;
	struct str email; /* STR_NONE: not fit to be shown */
	struct str next;  /* one that next_read has passed, or STR_NONE */
	bool is_remembered;
};

/* One request on its way through the application. */
struct context {
	const struct app *app;
	const struct request *request;
	struct reply *reply;
	struct call *call;
	const struct stores *stores;
	struct str id;	       /* {id} of the route's path */
	bool is_form;	       /* the body is a browser's form */
	bool is_page;	       /* answered, and refused, with pages */
	bool is_public;	       /* at the gate: nobody is kept out */
	struct filled form;    /* what the login form is shown with */
	struct str back;       /* for a refusal at the gate: the way back */
	bool is_unsaved;       /* a refused request would have written */
	struct identity who;   /* where the route's guard asks for a session */
	enum answer answer;    /* the refusal, where a result says too little */
	int64_t retry_after_s; /* with ANSWER_LIMITED */
	int64_t not_before_ms; /* the answer is held back until then */
};

/* Refuses with the answer given: `return context_refuse(c, ...)`. */
static inline enum result
context_refuse(struct context *c, enum result result, enum answer answer)
{
	c->answer = answer;
	return result;
}

#endif
