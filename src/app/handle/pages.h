#ifndef PAGES_H
#define PAGES_H

#include "app/app.h"
#include "http/template.h"

/*
 * Answers for browsers: HTML without scripts, never shown in a frame.  The look
 * of the pages is in app/theme.h.
 */

/*
 * GET /login: the form or, with a session, the user and a way to log out.  If a
 * store cannot tell which, the result is returned and no form shown.
 */
enum result handle_login_page(struct context *c);

/* GET /logout: a button, with next.  Ends nothing and asks no store. */
enum result handle_logout_page(struct context *c);

/*
 * Writes the refusal as a page; status and message are those of
 * answer_write_as.  A submitted form (c->form) is shown again with its values.
 */
void page_refuse(struct context *c, enum answer answer, int status);

/* The page of a login whose cookie the browser will drop. */
void page_needs_https(struct context *c);

/*
 * The page of a logout that could not be stored: the session stays open.  The
 * caller expires the cookie.
 */
void page_still_open(struct context *c, enum answer answer);

/* The path of one of our own pages: the mount and what is below it. */
struct str page_own_url(const struct context *c, const char *below);

/* 303 to a path that next_is_local accepted, or to one of our own. */
void page_redirect(struct context *c, struct str location);

/*
 * 303 to the login page, [gate] login_url or our own, with next percent-encoded
 * once (STR_NONE: without next).  next is left out if it would make the header
 * too long for a web server.
 */
void page_send_to_login(struct context *c, struct str next);

/*
 * Sets c->form.next from a query or a form body; STR_NONE without a valid one.
 */
void page_read_next(struct context *c, struct str fields);

/*
 * For pages of other handlers.  values: THEME_ROOM of them; the mount, next and
 * again are added, by page_write_refusal what belongs to the answer too.
 * sessions: the list, or NULL.
 */
void page_write(struct context *c, int status, struct str *values,
    const struct template_list *sessions);
void page_write_refusal(struct context *c, enum answer answer, int status,
    struct str *values, const struct template_list *sessions);

/* The login or the email address; the id if neither can be shown. */
struct str page_user_name(const struct identity *who);

/* True if the refusal says that nobody is logged in. */
bool page_is_logged_out(enum answer answer);

#endif
