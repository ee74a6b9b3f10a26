#ifndef PAGES_H
#define PAGES_H

#include "app/app.h"
#include "http/template.h"

/*
 * Answers for browsers: HTML without scripts, never shown in a frame.
 * app/theme.h has the templates.
 */

/*
 * GET /login: the login form or, with a session, the name of the user and a
 * button to log out.  If a store is unavailable that result is returned, and no
 * form is shown.
 */
enum result handle_login_page(struct context *c);

/*
 * GET /logout: a button that logs out.  This page ends no session and asks no
 * store.
 */
enum result handle_logout_page(struct context *c);

/*
 * Writes the refusal as a page, with the message of answer_write_as.  A
 * submitted login form (c->form) is shown again with its values.
 */
void page_refuse(struct context *c, enum answer answer, int status);

/* Writes the page of a login whose cookie the browser will drop. */
void page_needs_https(struct context *c);

/*
 * Writes the page of a logout that could not end the session.  The caller
 * expires the cookie.
 */
void page_still_open(struct context *c, enum answer answer);

/* Returns the path of a page of this program: the mount, then `below`. */
struct str page_own_url(const struct context *c, const char *below);

/*
 * Writes 303 to location: a path that next_is_local accepts, a page of this
 * program, or [gate] login_url.
 */
void page_redirect(struct context *c, struct str location);

/*
 * Writes 303 to the login page ([gate] login_url or /login below the mount),
 * with next percent-encoded once (STR_NONE: without next).  next is left out if
 * it would make the header too long for a web server.
 */
void page_send_to_login(struct context *c, struct str next);

/*
 * Sets c->form.next from a query or a form body.  STR_NONE: it has no valid
 * next.
 */
void page_read_next(struct context *c, struct str fields);

/*
 * Write a page of another handler.  values has THEME_COUNT texts; the mount,
 * next and again are added, and page_write_refusal adds the values of the
 * refusal.  sessions is the list of the account page, or NULL.
 */
void page_write(struct context *c, int status, struct str *values,
    const struct template_list *sessions);
void page_write_refusal(struct context *c, enum answer answer, int status,
    struct str *values, const struct template_list *sessions);

/*
 * Returns the login or the email address of the user; the id if neither can be
 * shown.
 */
struct str page_user_name(const struct identity *who);

/* True if the refusal says that nobody is logged in. */
bool page_is_logged_out(enum answer answer);

#endif
