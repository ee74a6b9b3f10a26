/* Reads the file of counters, and adds to it, for sessgatectl. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/counter_file.h"
#include "ctl/command.h"
#include "ctl/counts.h"

static int
report_failure(const char *path, int error, const char *why)
{
	if (error == ENOENT) {
		ctl_warn(
		    "%s: there is no such file: no process counts in it", path);
		ctl_warn("each process counts for itself where [ops] counters "
			 "names no file and there is no " COUNTER_FILE_FOLDER);
		return CTL_NO;
	}
	ctl_warn("%s: %s", path, why);
	return error == EACCES ? EX_NOPERM : EX_OSERR;
}

/* Copies the names of the sites, which point into the mapped file. */
static void
keep_names(struct counter_totals *totals, struct arena *arena)
{
	for (uint32_t i = 0; i < totals->site_count; i++)
		totals->sites[i].name = arena_dup(arena, totals->sites[i].name);
}

struct counter_totals *
counts_read(const struct ctl *ctl, struct arena *arena, int *status)
{
	struct counter_totals *totals;
	struct counter_map map;
	char path[COUNTER_PATH_MAX], why[256];

	if (!counter_file_path(ctl->all.common.ops_counters, path)) {
		ctl_warn("[ops] counters: the path is too long");
		*status = EX_CONFIG;
		return NULL;
	}
	if (!counter_file_read(path, &map, why, sizeof(why))) {
		*status = report_failure(path, errno, why);
		return NULL;
	}
	totals = counter_totals_read(&map, arena);
	keep_names(totals, arena);
	counter_file_close(&map);
	return totals;
}

void
counts_pause(int64_t pause_ms)
{
	const struct timespec pause = { .tv_sec = pause_ms / 1000,
		.tv_nsec = pause_ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

void
counts_clear_screen(void)
{
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout); /* ECMA-48: CUP, ED */
}

void
counts_add_ended(const struct ctl *ctl, int64_t count)
{
	char path[COUNTER_PATH_MAX], why[256];

	if (count > 0 && counter_file_path(ctl->all.common.ops_counters, path))
		(void)counters_add_past(path,
		    ctl->conf != NULL ? ctl->conf->site : NULL,
		    COUNTER_ENDED + ENDED_OPERATOR, (uint64_t)count, why,
		    sizeof(why));
}
