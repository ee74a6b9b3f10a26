#ifndef APACHE_IDENTITY_H
#define APACHE_IDENTITY_H

#include <httpd.h>

struct verdict;

/*
 * Removes X-Sessgate-.. from the headers of the client, in every spelling that
 * a program may read so (X_Sessgate_User).  Removes the names from Connection,
 * too, since mod_proxy drops the headers that it names, ours included.
 */
void identity_clean(request_rec *r);

/* Sets the user and the type of authentication of the request. */
void identity_set_user(request_rec *r, const struct verdict *verdict);

/*
 * Removes Authorization from the request, unless the place forwards it.  PHP
 * makes PHP_AUTH_USER of it without checking the password.
 */
void identity_hide_authorization(request_rec *r);

/*
 * Sets SESSGATE_.. in the environment of handlers, and X-Sessgate-.. headers if
 * the place wants them.  Removes earlier variables of these names, also if
 * there is no user.  httpd sets REMOTE_USER from r->user.
 */
void identity_tell(request_rec *r, const struct verdict *verdict);

#endif
