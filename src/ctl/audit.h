#ifndef CTL_AUDIT_H
#define CTL_AUDIT_H

#include <string.h>

#include "base/log.h"
#include "ctl/open.h"

/* The target of the audit trail: [log] audit, or target with audit = same. */
static inline const char *
audit_target(const struct ctl *ctl)
{
	const struct conf *conf = &ctl->all.common;

	return strcmp(conf->log_audit, "same") == 0 ? conf->log_target
						    : conf->log_audit;
}

/*
 * Writes one line of the audit trail to the system log and, where the trail
 * goes to a file, to that file.  words and fields: as for log_event.  If
 * neither can be written stderr says so, and the change is not undone.
 */
#define audit_change(ctl, words, ...) \
	audit_write(ctl, words, (const struct log_field[]){ __VA_ARGS__ })
void audit_write(
    struct ctl *ctl, const char *words, const struct log_field *fields);

#endif
