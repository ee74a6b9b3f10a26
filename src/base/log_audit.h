#ifndef LOG_AUDIT_H
#define LOG_AUDIT_H

#include "base/str.h"

/*
 * The events of the audit trail: what people did with accounts and sessions,
 * and what was refused to them.  [log] audit sends these events to a target of
 * their own, fail2ban reads them (contrib/fail2ban), and sessgatectl audit
 * prints them.
 *
 * Returns the event that text begins with, if the text ends there or a space
 * follows.  STR_NONE: the text begins with none of these events.
 */
struct str log_audit_event(struct str text);

/*
 * The most bytes of a login, as it was typed, in a line; an escape makes four
 * bytes of one.
 */
enum { AUDIT_TYPED_MAX = 128 };

#endif
