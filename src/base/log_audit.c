/* The table of the events of the audit trail. */
#include "config.h"

#include "base/log_audit.h"

static const struct str events[] = {
	/* written by app/audit.c, by ctl/ or by both */
	STR_INIT("login ok"),
	STR_INIT("login failed"),
	STR_INIT("login limited"),
	STR_INIT("request limited"),
	STR_INIT("logout all"),
	STR_INIT("logout everybody"),
	/* must follow the longer events that begin with it */
	STR_INIT("logout"),
	STR_INIT("session ended"),
	STR_INIT("password changed"),
	STR_INIT("password refused"),
	STR_INIT("password reset"),
	STR_INIT("reset link made"),
	STR_INIT("totp set"),
	STR_INIT("totp removed"),
	STR_INIT("recovery code used"),
	STR_INIT("recovery codes made"),
	STR_INIT("sessions migrated"),
	STR_INIT("password set"),
	STR_INIT("user blocked"),
	STR_INIT("user unblocked"),
	STR_INIT("limits reset"),
};

struct str
log_audit_event(struct str text)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (str_starts(text, events[i]) &&
		    (text.len == events[i].len ||
			text.ptr[events[i].len] == ' '))
			return events[i];
	return STR_NONE;
}
