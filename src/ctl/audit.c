#include "config.h"

#include <errno.h>
#include <string.h>

#include "ctl/audit.h"
#include "ctl/trouble.h"

/* False with errno: this target cannot be opened. */
static bool
write_to(const char *target, const char *site, const char *words,
    const struct log_field *fields)
{
	if (!log_open(target))
		return false;
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
	const char *target = ctl->all.common.log_target;
	const char *site = ctl->conf != NULL ? ctl->conf->site : NULL;
	bool is_file = strncmp(target, "file:", 5) == 0;
	bool is_written = write_to("syslog", site, words, fields);
	int error = errno;

	if (is_file && write_to(target, site, words, fields))
		is_written = true;
	else if (is_file)
		error = errno;
	if (!is_written)
		ctl_note("done, but the audit trail does not have it: %s: %s",
		    is_file ? target : "/dev/log", strerror(error));
}
