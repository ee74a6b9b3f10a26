/* web: contrib/print-config, with the mount of the configuration. */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctl/cmds.h"
#include "ctl/command.h"

extern char **environ;

/* Where it is installed, and where a build in the checkout finds it. */
static const char *const places[] = { "", "/../contrib/print-config",
	"/../../contrib/print-config" };

static bool
find_script(char path[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return false;
	self[len] = '\0';
	snprintf(path, PATH_MAX, "%s/contrib/print-config", EXAMPLEDIR);
	for (size_t i = 1; access(path, X_OK) != 0; i++) {
		char folder[PATH_MAX];

		if (i == sizeof(places) / sizeof(places[0]))
			return false;
		snprintf(folder, sizeof(folder), "%s", self);
		if (snprintf(path, PATH_MAX, "%.*s%s", PATH_MAX / 2,
			dirname(folder), places[i]) >= PATH_MAX)
			return false;
	}
	return true;
}

/* The mount, where there is a configuration that can be read. */
static const char *
mount_of(struct ctl *ctl, const struct args *args)
{
	FILE *nowhere = fopen("/dev/null", "we");
	const char *mount = "";

	ctl->source = conf_source_of(args->values[OPTION_CONFIG], environ);
	if (nowhere == NULL)
		return mount;
	if (conf_load(&ctl->source, &ctl->all, nowhere))
		mount = ctl->all.common.server_mount;
	fclose(nowhere);
	return mount;
}

int
cmd_web(struct ctl *ctl, const struct args *args)
{
	const char *given = mount_of(ctl, args);
	char *argv[ARGS_WORDS_MAX + 3], path[PATH_MAX], mount[PATH_MAX];
	size_t count = 0;

	if (!find_script(path)) {
		ctl_note(
		    "contrib/print-config is not installed in %s", EXAMPLEDIR);
		return EX_OSERR;
	}
	snprintf(mount, sizeof(mount), "mount=%s", given);
	argv[count++] = path;
	argv[count++] = args->words[0];
	if (given[0] != '\0')
		argv[count++] = mount;
	for (size_t i = 1; i < args->count; i++)
		argv[count++] = args->words[i];
	argv[count] = NULL;
	execv(path, argv);
	ctl_note("%s: %s", path, strerror(errno));
	return EX_OSERR;
}
