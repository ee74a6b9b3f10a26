/* Writes the audit trail to the log. */
#include "config.h"

#include "app/audit.h"
#include "app/client_ip.h"
#include "base/log.h"
#include "base/log_audit.h"
#include "secret/token.h"

static struct log_field
addr_field(const struct context *c)
{
	return log_str("addr", client_ip(c));
}

static struct log_field
session_field(const struct context *c, struct str name)
{
	if (!str_is_none(name))
		name = token_handle(c->call->arena, name);
	return log_str("session", name);
}

static struct log_field
typed_field(const char *key, struct str text)
{
	return log_str(key, str_utf8_cut(text, AUDIT_TYPED_MAX));
}

struct str
audit_name(const struct context *c, struct str token)
{
	if (c->app->conf->session_key == CONF_KEY_PLAIN)
		return token;
	return token_hash(c->call->arena, token);
}

void
audit_login(
    const struct context *c, const struct limit_who *who, struct str name)
{
	log_event(LOG_INFO, "login ok", addr_field(c), log_str("id", who->id),
	    session_field(c, name), typed_field("user", who->account), LOG_END);
}

void
audit_login_failed(
    const struct context *c, const char *reason, struct str account)
{
	log_event(LOG_INFO, "login failed", addr_field(c),
	    log_text("reason", reason), typed_field("user", account), LOG_END);
}

void
audit_login_limited(
    const struct context *c, struct str limit, struct str account)
{
	log_event(LOG_INFO, "login limited", addr_field(c),
	    log_str("limit", limit), log_num("wait", c->retry_after_s),
	    typed_field("user", account), LOG_END);
}

void
audit_request_limited(const struct context *c, struct str limit)
{
	log_event(LOG_INFO, "request limited", addr_field(c),
	    log_str("limit", limit), log_num("wait", c->retry_after_s),
	    typed_field("path", c->request->path), LOG_END);
}

void
audit_logout(const struct context *c, struct str user_id, struct str name)
{
	log_event(LOG_INFO, "logout", addr_field(c), log_str("id", user_id),
	    session_field(c, name), LOG_END);
}

void
audit_logout_all(const struct context *c, struct str user_id, int64_t revoked)
{
	log_event(LOG_INFO, "logout all", addr_field(c), log_str("id", user_id),
	    log_num("revoked", revoked), LOG_END);
}

void
audit_session_ended(
    const struct context *c, struct str user_id, struct str handle)
{
	log_event(LOG_INFO, "session ended", addr_field(c),
	    log_str("id", user_id), typed_field("session", handle), LOG_END);
}

void
audit_password_changed(
    const struct context *c, struct str user_id, struct str name)
{
	log_event(LOG_INFO, "password changed", addr_field(c),
	    log_str("id", user_id), session_field(c, name), LOG_END);
}

void
audit_password_refused(
    const struct context *c, const char *reason, struct str user_id)
{
	log_event(LOG_INFO, "password refused", addr_field(c),
	    log_text("reason", reason), log_str("id", user_id), LOG_END);
}

void
audit_reset_link(const struct context *c, struct str user_id, int64_t until_ms)
{
	log_event(LOG_INFO, "reset link made", addr_field(c),
	    log_str("id", user_id), log_num("until", until_ms), LOG_END);
}

void
audit_password_reset(
    const struct context *c, struct str user_id, int64_t revoked)
{
	log_event(LOG_INFO, "password reset", addr_field(c),
	    log_str("id", user_id), log_num("revoked", revoked), LOG_END);
}

void
audit_totp_set(const struct context *c, struct str user_id)
{
	log_event(LOG_INFO, "totp set", addr_field(c), log_str("id", user_id),
	    LOG_END);
}

void
audit_recovery_used(const struct context *c, struct str user_id, size_t left)
{
	log_event(LOG_INFO, "recovery code used", addr_field(c),
	    log_str("id", user_id), log_num("left", (int64_t)left), LOG_END);
}

void
audit_recovery_made(const struct context *c, struct str user_id)
{
	log_event(LOG_INFO, "recovery codes made", addr_field(c),
	    log_str("id", user_id), LOG_END);
}

void
audit_totp_removed(const struct context *c, struct str user_id)
{
	log_event(LOG_INFO, "totp removed", addr_field(c),
	    log_str("id", user_id), LOG_END);
}
