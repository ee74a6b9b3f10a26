/* web: runs contrib/print-config with the mount of the configuration. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/table.h"

enum { TEXT_MAX = 1024 * 1024 };

/* Paths of the script in a build, from the folder of the program. */
static const char *const build_paths[] = { "/../contrib/print-config",
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
	for (size_t i = 0; access(path, X_OK) != 0; i++) {
		char folder[PATH_MAX];

		if (i == sizeof(build_paths) / sizeof(build_paths[0]))
			return false;
		snprintf(folder, sizeof(folder), "%s", self);
		if (snprintf(path, PATH_MAX, "%.*s%s", PATH_MAX / 2,
			dirname(folder), build_paths[i]) >= PATH_MAX)
			return false;
	}
	return true;
}

/*
 * Sets *mount to [server] mount of the site of --site, else of all; "" if no
 * configuration can be read.  Returns -1, or the exit status: there is no such
 * site, and that was printed.
 */
static int
find_mount(struct ctl *ctl, const struct args *args, const char **mount)
{
	FILE *nowhere = fopen("/dev/null", "we");
	int status = -1;

	*mount = "";
	ctl->source = conf_source_of(args->values[OPTION_CONFIG], environ);
	if (nowhere == NULL)
		return EX_OSERR;
	if (conf_load(&ctl->source, &ctl->all, nowhere)) {
		ctl->conf = &ctl->all.common;
		if (args_has(args, OPTION_SITE))
			status =
			    ctl_choose_site(ctl, args->values[OPTION_SITE]);
		*mount = ctl->conf->server_mount;
	}
	fclose(nowhere);
	return status;
}

/* Runs the script to its end.  Returns its exit status. */
static int
run_print_config(char *const argv[], struct buf *text)
{
	char bytes[BUFSIZ];
	int fds[2], status;
	ssize_t len;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return EX_OSERR;
	child = fork();
	if (child == 0) {
		if (dup2(fds[1], STDOUT_FILENO) >= 0)
			execv(argv[0], argv);
		ctl_warn("%s: %s", argv[0], strerror(errno));
		_exit(EX_OSERR);
	}
	close(fds[1]);
	while (child > 0 && (len = read(fds[0], bytes, sizeof(bytes))) > 0)
		buf_add(text, (struct str){ bytes, (size_t)len });
	close(fds[0]);
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFEXITED(status))
		return EX_OSERR;
	return WEXITSTATUS(status);
}

static int
print_as_json(struct ctl *ctl, char *const argv[])
{
	static const struct column columns[] = {
		{ NULL, "server", COLUMN_TEXT }, { NULL, "text", COLUMN_TEXT }
	};
	struct table *table = table_open(ctl->arena, columns, 2, true, 0);
	struct buf text = buf_open(ctl->arena, TEXT_MAX);
	int status = run_print_config(argv, &text);
	struct cell cells[2];

	if (status == EX_OK && text.is_full)
		status = EX_OSERR;
	if (status != EX_OK)
		return status;
	cells[0] = cell_text(str_from(argv[1]));
	cells[1] = cell_text(buf_str(&text));
	table_add(table, cells);
	return CTL_DONE;
}

int
cmd_web(struct ctl *ctl, const struct args *args)
{
	const char *given;
	char *argv[ARGS_WORDS_MAX + 3], path[PATH_MAX], mount[PATH_MAX];
	size_t count = 0;
	int status = find_mount(ctl, args, &given);

	if (status >= 0)
		return status;
	if (!find_script(path)) {
		ctl_warn(
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
	if (ctl->is_json)
		return print_as_json(ctl, argv);
	execv(path, argv);
	ctl_warn("%s: %s", path, strerror(errno));
	return EX_OSERR;
}
