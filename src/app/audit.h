#ifndef AUDIT_H
#define AUDIT_H

#include "app/app.h"
#include "app/limit_policy.h"

/*
 * The audit trail: one line of the log for each login, failure, logout,
 * revocation, limit and change of a password.
 *
 * The address stands first behind the words, in the one spelling of
 * app/client_ip.h, or `-`; what a client typed comes last, cut, and escaped by
 * base/log.h.  Only count= stands behind it, in lines about limits, which are
 * throttled (base/log_throttle.h).  So a program that reads the log, as
 * fail2ban does (contrib/fail2ban), can take the first addr= for true.
 *
 * Never a token, password or cookie: sessions are named by their handles.
 * `name` is what a session is stored under (struct identity, audit_name).
 */

/*
 * login ok addr= id= session= user=.  user= of the lines about logins is the
 * account, by which its limits go too: one name however it was typed.
 */
void audit_login(
    const struct context *c, const struct limit_who *who, struct str name);

/* login failed addr= reason= user=; reason is fixed words */
void audit_login_failed(
    const struct context *c, const char *reason, struct str account);

/* login limited addr= limit= wait= user= */
void audit_login_limited(
    const struct context *c, struct str limit, struct str account);

/* request limited addr= limit= wait= path= */
void audit_request_limited(const struct context *c, struct str limit);

/*
 * logout addr= id= session=: one that there was, ended by its cookie, at a
 * logout or a login; the id is absent, since nobody asks for it
 */
void audit_logout(const struct context *c, struct str user_id, struct str name);

/* logout all addr= id= revoked= */
void audit_logout_all(
    const struct context *c, struct str user_id, int64_t revoked);

/* session ended addr= id= session=: one of the user's, by its handle */
void audit_session_ended(
    const struct context *c, struct str user_id, struct str handle);

/* password changed addr= id= session=: the one that goes on */
void audit_password_changed(
    const struct context *c, struct str user_id, struct str name);

/* password refused addr= reason= id= */
void audit_password_refused(
    const struct context *c, const char *reason, struct str user_id);

/* What a session that was opened with this token is stored under. */
struct str audit_name(const struct context *c, struct str token);

#endif
