#ifndef APACHE_IDENTITY_H
#define APACHE_IDENTITY_H

#include <httpd.h>

struct verdict;

/*
 * Takes X-Sessgate-.. out of the request, in every spelling that a program may
 * read as that (X_Sessgate_User), and what Connection says of it, by which
 * mod_proxy would take out ours.
 */
void identity_clean(request_rec *r);

/* Sets the user and the type of authentication of the request. */
void identity_set_user(request_rec *r, const struct verdict *verdict);

/*
 * Takes Authorization out of the request, of which PHP makes PHP_AUTH_USER
 * without asking whether the password is right, unless the place forwards it.
 */
void identity_hide_authorization(request_rec *r);

/*
 * Sets SESSGATE_.. in the environment of every handler, and X-Sessgate-.. where
 * the place wants it.  Whatever stood there under these names is gone, for a
 * stranger too.  httpd makes REMOTE_USER of the request's user.
 */
void identity_tell(request_rec *r, const struct verdict *verdict);

#endif
