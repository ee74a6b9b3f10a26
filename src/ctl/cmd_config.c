/* config check, config print: as --check-config and --print-config do. */
#include "config.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/buf.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/table.h"
#include "server/check.h"

enum { NAME_MAX_LEN = 128 };

static void
add_check(void *arg, enum check_level level, const char *site, const char *what,
    const char *text)
{
	static const char *const levels[] = { [CHECK_WORKS] = "ok",
		[CHECK_WARNING] = "warn",
		[CHECK_FAILED] = "bad" };
	const struct cell cells[] = { cell_text(str_from(levels[level])),
		cell_text(str_from(site)), cell_text(str_from(what)),
		cell_text(
		    level == CHECK_WORKS ? STR("works") : str_from(text)) };

	table_add(arg, cells);
}

static int
check_as_json(struct ctl *ctl, bool is_offline)
{
	static const struct column columns[] = { { NULL, "level", COLUMN_TEXT },
		{ NULL, "site", COLUMN_TEXT }, { NULL, "what", COLUMN_TEXT },
		{ NULL, "text", COLUMN_TEXT } };
	const struct check_report report = { .tell = add_check,
		.arg = table_open(ctl->arena, columns,
		    sizeof(columns) / sizeof(columns[0]), true, 0) };

	return check_all(&ctl->all, &ctl->source, is_offline, &report)
		   ? EX_OK
		   : EX_CONFIG;
}

int
cmd_config_check(struct ctl *ctl, const struct args *args)
{
	bool is_offline = args_has(args, OPTION_OFFLINE);

	if (ctl->is_json)
		return check_as_json(ctl, is_offline);
	return check_config(&ctl->all, &ctl->source, is_offline);
}

struct settings {
	struct arena *arena;
	struct table *table;
};

static void
add_setting(void *arg, const struct conf_shown *shown)
{
	const struct settings *settings = arg;
	struct buf name = buf_open(settings->arena, NAME_MAX_LEN);
	struct cell cells[5];

	buf_add(&name, str_from(shown->section));
	buf_add_char(&name, '.');
	buf_add(&name, str_from(shown->key));
	cells[0] = cell_text(str_from(shown->site));
	cells[1] = cell_text(buf_str(&name));
	cells[2] = cell_text(str_from(shown->value));
	cells[3] =
	    cell_text(shown->effective[0] != '\0' ? str_from(shown->effective)
						  : STR_NONE);
	cells[4] = cell_bool(shown->is_set);
	table_add(settings->table, cells);
}

int
cmd_config_print(struct ctl *ctl, const struct args *args)
{
	static const struct column columns[] = { { NULL, "site", COLUMN_TEXT },
		{ NULL, "option", COLUMN_TEXT }, { NULL, "value", COLUMN_TEXT },
		{ NULL, "inForce", COLUMN_TEXT },
		{ NULL, "set", COLUMN_BOOL } };
	struct settings settings = { .arena = ctl->arena };

	(void)args;
	if (!ctl->is_json) {
		conf_print(&ctl->all, stdout);
		return CTL_DONE;
	}
	settings.table = table_open(
	    ctl->arena, columns, sizeof(columns) / sizeof(columns[0]), true, 0);
	conf_show(&ctl->all, add_setting, &settings);
	return CTL_DONE;
}
