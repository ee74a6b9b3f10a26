#ifndef CTL_AUDIT_H
#define CTL_AUDIT_H

#include "base/log.h"
#include "ctl/open.h"

/*
 * Writes one line of the audit trail to the system log and, where [log] target
 * is a file, to that file.  words and fields: as for log_event.  If neither
 * takes it this is said on stderr; what was changed stays changed.
 */
#define audit_change(ctl, words, ...) \
	audit_write(ctl, words, (const struct log_field[]){ __VA_ARGS__ })
void audit_write(
    struct ctl *ctl, const char *words, const struct log_field *fields);

#endif
