#ifndef AUDIT_H
#define AUDIT_H

#include "app/app.h"
#include "app/limit_policy.h"

/*
 * The audit trail: one log line for each event that the application writes.
 * base/log_audit.c has the table of all events.
 *
 * The client address is the first field, in the spelling of app/client_ip.h, or
 * `-`.  Client input comes last, truncated, and escaped by base/log.h.  Only
 * count= may follow, in lines about limits, which are throttled
 * (base/log_throttle.h).  So a log reader such as fail2ban (contrib/fail2ban)
 * can trust the first addr=.
 *
 * No token, password or cookie is logged: sessions appear as handles.  `name`
 * is the name under which the session is stored (session_facts.name,
 * audit_name).
 */

/*
 * login ok addr= id= session= user=.  In all login lines user= is the account
 * that the limits count: every spelling of the login gives the same text.
 */
void audit_login(
    const struct context *c, const struct limit_who *who, struct str name);

/* login failed addr= reason= user=.  reason is one of a few fixed words. */
void audit_login_failed(
    const struct context *c, const char *reason, struct str account);

/* login limited addr= limit= wait= user= */
void audit_login_limited(
    const struct context *c, struct str limit, struct str account);

/* request limited addr= limit= wait= path= */
void audit_request_limited(const struct context *c, struct str limit);

/*
 * logout addr= id= session=: a cookie named a session, which a logout or a new
 * login has ended.  id= is `-`: to find it would need another query.
 */
void audit_logout(const struct context *c, struct str user_id, struct str name);

/* logout all addr= id= revoked=; revoked= is the number of sessions */
void audit_logout_all(
    const struct context *c, struct str user_id, int64_t revoked);

/*
 * session ended addr= id= session=: the user has ended one of their sessions by
 * its handle
 */
void audit_session_ended(
    const struct context *c, struct str user_id, struct str handle);

/* password changed addr= id= session=; session= is the one that goes on */
void audit_password_changed(
    const struct context *c, struct str user_id, struct str name);

/* password refused addr= reason= id= */
void audit_password_refused(
    const struct context *c, const char *reason, struct str user_id);

/* totp set addr= id= and totp removed addr= id=: the second factor of a user */
void audit_totp_set(const struct context *c, struct str user_id);
void audit_totp_removed(const struct context *c, struct str user_id);

/*
 * recovery code used addr= id= left=: the code replaced a one-time code; left=
 * is the number of unused codes
 */
void audit_recovery_used(
    const struct context *c, struct str user_id, size_t left);

/* recovery codes made addr= id=: a new set replaces all old codes */
void audit_recovery_made(const struct context *c, struct str user_id);

/*
 * reset link made addr= id= until=: a program of the site has asked for the
 * link (POST /reset-link); until= is its end in milliseconds since 1970
 */
void audit_reset_link(
    const struct context *c, struct str user_id, int64_t until_ms);

/*
 * password reset addr= id= revoked=: a reset link has set a new password, and
 * revoked= sessions were ended
 */
void audit_password_reset(
    const struct context *c, struct str user_id, int64_t revoked);

/* Returns the name under which a session with this token is stored. */
struct str audit_name(const struct context *c, struct str token);

#endif
