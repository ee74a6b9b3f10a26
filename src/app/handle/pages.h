#ifndef PAGES_H
#define PAGES_H

#include "app/app.h"

/*
 * Answers for a browser that shows them: HTML that runs no script and is
 * shown in no frame.  What they look like is in app/theme.h.
 */

/*
 * GET /login: the form, or who is logged in, and a way to log out.  Where it
 * cannot be told which of the two, the result says so, never the form.
 */
enum result handle_login_page(struct context *c);

/* GET /logout: a button, with next; ends nothing, asks nobody. */
enum result handle_logout_page(struct context *c);

/*
 * Status and message of the refusal, as answer_write_as has them in JSON; the
 * form again, with what it was filled with, where there is something to fill
 * in (c->form).
 */
void page_refuse(struct context *c, enum answer answer, int status);

/* Logged in, but the browser will drop the cookie. */
void page_needs_https(struct context *c);

/*
 * A logout that could not be stored: the cookie goes, the session stays.  The
 * caller expires the cookie.
 */
void page_still_open(struct context *c, enum answer answer);

/* 303 to a path that next_is_local has passed, or that is ours. */
void page_redirect(struct context *c, struct str location);

/*
 * 303 to where one logs in, [gate] login_url or our own page, which leads on to
 * next (STR_NONE: nowhere), percent-encoded once.  A next that would make the
 * header lines too long for a web server is left out.
 */
void page_send_to_login(struct context *c, struct str next);

/* Sets c->form.next from a query or a form body; STR_NONE without a good one.
 */
void page_read_next(struct context *c, struct str fields);

#endif
