#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "app/app.h"

/*
 * The account page: the name and the sessions of the logged-in user, and a form
 * for a new password.  The page changes nothing itself.  Its forms are posted
 * to the endpoints of the API; the page shows their refusals.
 */

/* Writes the account page.  Without a session: 303 to the login page. */
enum result handle_account_page(struct context *c);

/*
 * Answers /.well-known/change-password with 303 to the account page (W3C, A
 * Well-Known URL for Changing Passwords).
 */
void account_send_there(struct context *c);

/*
 * Guards the forms of the account pages.  It demands a session, of the user for
 * whom the form was made.  To end all sessions it also demands a login no older
 * than [session] fresh, or the password.  The results are those of
 * guard_session and own_password_verify.
 */
MUST_CHECK enum result account_guard(struct context *c);

/*
 * Writes a refusal as the account page or, if that cannot be read, as a page
 * with a link to it.
 */
void account_refuse(struct context *c, enum answer answer, int status);

/*
 * Writes 303 to the account page, which says what was done.  word is one of the
 * table done_words in account.c.
 */
void account_done(struct context *c, const char *word);

#endif
