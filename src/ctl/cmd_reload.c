/* reload: makes the processes of this host reload, one after the other. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/outcome.h"
#include "base/str.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/table.h"

enum {
	PROCESSES_MAX = 256,
	WAIT_MS = 60 * 1000, /* 10 s to serve, and the last requests */
	LOOK_MS = 500	     /* between two checks that it still lives */
};

/* The parent of a process, which may be 0; -1: the process is no sessgate. */
static int
parent_of(int pid)
{
	char path[64], text[1024];
	struct str rest;
	int64_t parent;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (!file_read(path, text, sizeof(text), &len))
		return -1;
	rest = (struct str){ text, len };
	(void)str_cut(&rest, '(');
	if (!str_eq(str_cut(&rest, ')'), STR(PACKAGE_NAME)) || rest.len < 4)
		return -1;
	rest = str_from_byte(rest, 3); /* a blank, the state, a blank */
	return str_to_int(str_cut(&rest, ' '), 0, INT_MAX, &parent)
		   ? (int)parent
		   : -1;
}

/* Finds the processes of this host, except their children, the bridges. */
static size_t
find_processes(int pids[PROCESSES_MAX])
{
	DIR *folder = opendir("/proc");
	const struct dirent *entry;
	size_t count = 0;
	int64_t pid;

	while (folder != NULL && count < PROCESSES_MAX &&
	       /* cppcheck-suppress readdirCalled ; there is one thread */
	       (entry = readdir(folder)) != NULL)
		if (str_to_int(str_from(entry->d_name), 1, INT_MAX, &pid)) {
			int parent = parent_of((int)pid);

			if (parent >= 0 && parent_of(parent) < 0)
				pids[count++] = (int)pid;
		}
	if (folder != NULL)
		closedir(folder);
	return count;
}

/* False: a word is no process id; that was printed. */
static bool
read_processes(const struct args *args, int pids[PROCESSES_MAX], size_t *count)
{
	int64_t pid;

	for (*count = 0; *count < args->count; (*count)++) {
		if (!str_to_int(
			str_from(args->words[*count]), 1, INT_MAX, &pid)) {
			ctl_warn("%s is no process id", args->words[*count]);
			return false;
		}
		pids[*count] = (int)pid;
	}
	return true;
}

/*
 * Sends SIGHUP and waits for the outcome, put into text.  False: text has the
 * reason why there is none; errno is EPERM if this user may not signal it.
 */
static bool
hear_outcome(int pid, int listener, char text[OUTCOME_TEXT_MAX + 1])
{
	int64_t deadline_ms = clock_ms() + WAIT_MS;

	if (kill(pid, SIGHUP) != 0) {
		int saved_errno = errno;

		snprintf(text, OUTCOME_TEXT_MAX, "%s", strerror(errno));
		errno = saved_errno;
		return false;
	}
	while (clock_ms() < deadline_ms) {
		if (outcome_await(listener, pid, LOOK_MS, text))
			return true;
		if (kill(pid, 0) != 0 && errno == ESRCH) {
			snprintf(text, OUTCOME_TEXT_MAX, "the process ended");
			return false;
		}
	}
	errno = ETIMEDOUT;
	snprintf(
	    text, OUTCOME_TEXT_MAX, "no outcome within a minute; see its log");
	return false;
}

static void
print_outcome_json(struct ctl *ctl, int pid, bool is_done, const char *text)
{
	static const struct column columns[] = { { NULL, "pid", COLUMN_NUMBER },
		{ NULL, "ok", COLUMN_BOOL }, { NULL, "outcome", COLUMN_TEXT } };
	const struct cell cells[] = { cell_number(pid), cell_bool(is_done),
		cell_text(str_from(text)) };

	table_add(table_open(ctl->arena, columns, 3, true, 0), cells);
}

static void
print_outcome(struct ctl *ctl, int pid, bool is_done, const char *text)
{
	const char *shown = ctl_shown(ctl, str_from(text));

	if (ctl->is_json)
		print_outcome_json(ctl, pid, is_done, text);
	else if (is_done)
		ctl_print(ctl, "%d: %s", pid, shown);
	else
		ctl_warn("%d: %s", pid, shown);
}

/* Makes one process reload.  Returns the exit status. */
static int
reload_one(struct ctl *ctl, int pid)
{
	char text[OUTCOME_TEXT_MAX + 1];
	int listener = outcome_listen(pid), status = EX_OSERR;

	if (listener < 0) {
		snprintf(text, sizeof(text), "%s",
		    errno == EADDRINUSE ? "another sessgatectl is reloading it"
					: strerror(errno));
	} else if (hear_outcome(pid, listener, text)) {
		status = str_starts(str_from(text), STR("reloaded")) ? CTL_DONE
								     : CTL_NO;
	} else if (errno == EPERM) {
		status = EX_NOPERM;
	}
	if (listener >= 0)
		close(listener);
	print_outcome(ctl, pid, status == CTL_DONE, text);
	return status;
}

int
cmd_reload(struct ctl *ctl, const struct args *args)
{
	int pids[PROCESSES_MAX], status = CTL_DONE;
	size_t count;

	if (args->count == 0)
		count = find_processes(pids);
	else if (!read_processes(args, pids, &count))
		return EX_USAGE;
	if (count == 0) {
		ctl_warn("no process of " PACKAGE_NAME " runs here");
		return CTL_NO;
	}
	for (size_t i = 0; i < count && status == CTL_DONE; i++)
		status = reload_one(ctl, pids[i]);
	return status;
}
