/* Writes what the operator changed to the audit trail. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "ctl/audit.h"
#include "ctl/trouble.h"

/*
 * Writes one line to the target.  syslog gets it with the facility authpriv,
 * unless [log] audit = same.  False with errno: the target cannot be opened.
 */
static bool
write_to(struct ctl *ctl, const char *target, const char *words,
    const struct log_field *fields)
{
	const struct conf *conf = &ctl->all.common;
	const char *site = ctl->conf != NULL ? ctl->conf->site : NULL;

	if (strcmp(conf->log_audit, "same") == 0 ? !log_open(target)
						 : !log_open_audit(target))
		return false;
	log_set_format(
	    conf->log_format == CONF_LOG_JSON ? LOG_JSON : LOG_PLAIN);
	log_set_sink(NULL);
	log_set_site(site);
	log_fields(LOG_INFO, words, fields);
	log_close();
	log_set_site(NULL);
	trouble_begin();
	return true;
}

void
audit_write(struct ctl *ctl, const char *words, const struct log_field *fields)
{
	const char *target = audit_target(ctl);
	bool is_file = strncmp(target, "file:", 5) == 0;
	bool is_written = write_to(ctl, "syslog", words, fields);
	int error = errno;

	if (is_file && write_to(ctl, target, words, fields))
		is_written = true;
	else if (is_file)
		error = errno;
	if (!is_written)
		ctl_warn("done, but the audit trail does not have it: %s: %s",
		    is_file ? target : "/dev/log", strerror(error));
}
