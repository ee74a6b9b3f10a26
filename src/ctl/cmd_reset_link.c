/* reset-link: a link by which a user sets a new password. */
#include "config.h"

#include <stdio.h>
#include <sysexits.h>

#include "app/reset_link.h"

#include "ctl/audit.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/json_line.h"
#include "ctl/people.h"
#include "ctl/table.h"

static int
print_link(struct ctl *ctl, const struct person *person, struct str url,
    int64_t expires_ms)
{
	if (ctl->is_json) {
		struct json_writer *line = json_line_begin(ctl->arena);

		json_write_text(line, STR("url"), url);
		json_write_int(line, STR("expiresAt"), expires_ms);
		json_line_print(line);
		return CTL_DONE;
	}
	printf("%.*s\n", STR_ARG(url));
	ctl_print(ctl, "for %s, once, until %s", people_words(ctl, person),
	    ctl_shown(ctl, table_at(ctl->arena, expires_ms)));
	return CTL_DONE;
}

int
cmd_reset_link(struct ctl *ctl, const struct args *args)
{
	struct person person;
	struct str url;
	int64_t life_ms, expires_ms;
	enum result result;
	int status;

	if (!reset_link_is_possible(ctl->conf)) {
		ctl_warn("a link needs [mysql] password_update and [server] "
			 "origins");
		return EX_CONFIG;
	}
	if (!args_span(args, OPTION_FOR, RESET_LINK_LIFE_MS, &life_ms))
		return EX_USAGE;
	status = people_find(ctl, args->words[0], PEOPLE_ROW, &person);
	if (status < 0)
		status = people_read_hash(ctl, &person);
	if (status >= 0)
		return status;
	result = reset_link_new(ctl->conf, &ctl->stores, &ctl->call,
	    &person.user, life_ms, &url, &expires_ms);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	audit_change(ctl, "reset link made", log_text("by", ctl->by),
	    log_str("id", person.id), log_num("until", expires_ms), LOG_END);
	return print_link(ctl, &person, url, expires_ms);
}
