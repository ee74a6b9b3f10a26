#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "app/app.h"

/*
 * The account page, for people: who is logged in, their sessions, another
 * password.  It changes nothing itself.  Its forms are posted to the endpoints
 * of the API; what these refuse is shown on the page.
 */

/* GET /account.  Without a session: 303 to the login page. */
enum result handle_account_page(struct context *c);

/*
 * 303 to the account page: for /.well-known/change-password (W3C, A Well-Known
 * URL for Changing Passwords).
 */
void account_send_there(struct context *c);

/*
 * The guard of a form of the page: a session, of the user that the form was
 * made for; to end all sessions either a login no older than [session] fresh or
 * the password.  The results of guard_session and own_password_verify.
 */
MUST_CHECK enum result account_guard(struct context *c);

/* A refusal on the page, or on a page of its own that leads to it. */
void account_refuse(struct context *c, enum answer answer, int status);

/* 303 to the page, which says what was done; word is one of its table. */
void account_done(struct context *c, const char *word);

#endif
