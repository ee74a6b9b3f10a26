#ifndef PAGE_H
#define PAGE_H

#include "app/app.h"

/*
 * Answers for a browser that shows them: HTML that runs no script and is
 * shown in no frame.  What they look like is in app/look.h.
 */

/*
 * GET /login: the form, or who is logged in, and a way to log out.  Where it
 * cannot be told which of the two, the result says so, never the form.
 */
enum result page_show_login(struct context *c);

/* GET /logout: a button; ends nothing, asks nobody. */
enum result page_show_logout(struct context *c);

/*
 * Status and message of the refusal, as answer_write_as has them in JSON; the
 * form again, with what it was filled with, where there is something to fill
 * in (c->form).
 */
void page_refuse(struct context *c, enum answer answer, int status);

/* Logged in, but the browser will drop the cookie. */
void page_needs_https(struct context *c);

/*
 * Where one logs in, [gate] login_url or our own page, and comes back from to
 * c->form.next, if there is one.
 */
struct str page_login_url(const struct context *c);

/* 303 to a path that next_is_local has passed, or that is ours. */
void page_redirect(struct context *c, struct str location);

#endif
