/* config check, config print: what the program itself does. */
#include "config.h"

#include <stdio.h>

#include "ctl/cmds.h"
#include "server/check.h"

int
cmd_config_check(struct ctl *ctl, const struct args *args)
{
	return check_config(
	    &ctl->all, &ctl->source, args_has(args, OPTION_OFFLINE));
}

int
cmd_config_print(struct ctl *ctl, const struct args *args)
{
	(void)args;
	conf_print(&ctl->all, stdout);
	return 0;
}
