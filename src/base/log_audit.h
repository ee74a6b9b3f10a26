#ifndef LOG_AUDIT_H
#define LOG_AUDIT_H

#include "base/str.h"

/*
 * The events of the audit trail: what people did with accounts and sessions,
 * and what was refused to them.  [log] audit sends these elsewhere, fail2ban
 * reads them (contrib/fail2ban), and sessgatectl audit prints them.
 *
 * Returns the event that text begins with, followed by a space or nothing;
 * STR_NONE: none of these.
 */
struct str log_audit_event(struct str text);

#endif
