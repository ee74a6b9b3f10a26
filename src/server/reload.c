/* The steps of a reload; see reload.h. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/outcome.h"
#include "server/notify.h"
#include "server/reload.h"
#include "server/reload_variable.h"
#include "server/signals.h"
#include "server/spawn.h"

enum {
	SERVE_MS = 10 * 1000, /* for a new program to serve */
	MARGIN_MS = 1000,     /* in which it reports that it cannot */
	END_MS = 1000,	      /* from TERM to KILL */
	STEP_MS = 20,
	STAND_BY_MS = 500 /* between two calls of notify_alive */
};

/* ---- the part of this program ---- */

/* Sets the path to that of argv[0].  False: it has no `/`, or is too long. */
static bool
set_named_path(struct reload *reload)
{
	const char *name = reload->argv[0];
	char folder[PATH_MAX] = "";
	int len;

	if (strchr(name, '/') == NULL ||
	    (name[0] != '/' && getcwd(folder, sizeof(folder)) == NULL))
		return false;
	len = snprintf(reload->path, sizeof(reload->path), "%s%s%s", folder,
	    folder[0] != '\0' ? "/" : "", name);
	return len < (int)sizeof(reload->path);
}

/* True if path is the file of this process, or if there is no /proc. */
static bool
is_running_program(const char *path)
{
	struct stat named, running;

	if (stat("/proc/self/exe", &running) != 0)
		return true;
	return stat(path, &named) == 0 && named.st_ino == running.st_ino &&
	       named.st_dev == running.st_dev;
}

/*
 * Sets the path, if possible to that of argv[0], not of /proc/self/exe: an
 * upgrade replaces the file, or a symbolic link on the way to it.
 */
static void
find_path(struct reload *reload)
{
	ssize_t len;

	if (set_named_path(reload) && is_running_program(reload->path))
		return;
	len =
	    readlink("/proc/self/exe", reload->path, sizeof(reload->path) - 1);
	reload->path[len > 0 ? len : 0] = '\0';
}

/* Names the process after its file; fexecve(3) names it after a descriptor. */
static void
restore_name(const struct reload *reload)
{
	const char *slash = strrchr(reload->path, '/');

	prctl(PR_SET_NAME, slash != NULL ? slash + 1 : reload->path);
}

/*
 * Sets how long to wait for the stores.  A bridge has 9 s from the SIGHUP.  A
 * successor starts after the last request was answered, and has 9 s from then.
 * Without a bridge nobody serves meanwhile, so the successor needs no store.
 */
static void
set_terms(struct reload *reload)
{
	bool is_successor = reload->part == RELOAD_SUCCESSOR;

	reload->serve_by_ms = (is_successor ? clock_ms() : reload->began_ms) +
			      SERVE_MS - MARGIN_MS;
	if (is_successor && reload->bridge == 0)
		reload->needs = 0;
}

void
reload_open(struct reload *reload, char **argv)
{
	*reload = (struct reload){
		.argv = argv, .program = -1, .channel = -1, .own_channel = -1
	};
	if (!reload_variable_read(reload)) {
		find_path(reload);
		return;
	}
	fcntl(reload->channel, F_SETFD, FD_CLOEXEC);
	restore_name(reload);
	set_terms(reload);
}

int
reload_listen_fd(const struct reload *reload, size_t number)
{
	if (number >= reload->listen_count)
		return -1;
	fcntl(reload->listens[number], F_SETFD, FD_CLOEXEC);
	return reload->listens[number];
}

void
reload_note(struct reload *reload, const char *format, ...)
{
	va_list args;

	if (reload->why[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(reload->why, sizeof(reload->why), format, args);
	va_end(args);
	reload->why[strcspn(reload->why, "\n")] = '\0';
}

int
reload_predecessor(const struct reload *reload)
{
	return reload->part == RELOAD_NONE ? -1 : reload->channel;
}

int
reload_successor(const struct reload *reload)
{
	return reload->is_leaving || reload->part == RELOAD_BRIDGE
		   ? reload->channel
		   : -1;
}

bool
reload_is_orphan(const struct reload *reload)
{
	return reload->part == RELOAD_BRIDGE && getppid() != reload->parent;
}

/* ---- the bridge, in its parent process ---- */

static bool
reap_bridge(struct reload *reload, int *status)
{
	if (waitpid(reload->bridge, status, WNOHANG) == 0)
		return false;
	reload->bridge = 0;
	return true;
}

static bool
ends_within(struct reload *reload, int64_t wait_ms, int *status)
{
	const struct timespec pause = { .tv_nsec = STEP_MS * 1000000 };
	int64_t deadline_ms = clock_ms() + wait_ms;

	while (!reap_bridge(reload, status)) {
		if (clock_ms() >= deadline_ms)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/*
 * A bridge that hangs may have TERM blocked, so KILL follows.  A bridge that
 * waits for a file system outlives even that; reload_reap notices its end.
 */
static void
end_bridge(struct reload *reload, int *status)
{
	if (reap_bridge(reload, status))
		return;
	kill(reload->bridge, SIGTERM);
	if (ends_within(reload, END_MS, status))
		return;
	kill(reload->bridge, SIGKILL);
	(void)ends_within(reload, END_MS, status);
}

void
reload_reap(struct reload *reload)
{
	int status;

	if (reload->bridge > 0)
		reap_bridge(reload, &status);
}

/* ---- steps 1 to 3 ---- */

void
reload_keep(struct reload *reload, const struct listeners *listeners)
{
	reload->inherited_count = 0;
	for (size_t i = 0; i < listeners->inherited; i++)
		reload->inherited[reload->inherited_count++] =
		    listeners->all[i].fd;
	if (reload->listen_count > 0)
		return;
	for (size_t i = listeners->inherited; i < listeners->count; i++)
		reload->listens[reload->listen_count++] = listeners->all[i].fd;
}

/*
 * Starts the program with its part and its end of the channel: as a child, or
 * in place of this process, which returns on failure only.  -1 with errno.
 */
static pid_t
start_program(const struct reload *reload, enum reload_part part, int channel)
{
	char variable[RELOAD_VARIABLE_SIZE];
	int kept[2 * LISTEN_MAX + 1];
	struct spawn spawn = { .program = reload->program,
		.argv = reload->argv,
		.variable = variable,
		.kept = kept };

	for (size_t i = 0; i < reload->inherited_count; i++)
		kept[spawn.kept_count++] = reload->inherited[i];
	for (size_t i = 0; i < reload->listen_count; i++)
		kept[spawn.kept_count++] = reload->listens[i];
	/* cppcheck-suppress unreadVariable ; spawn has its address */
	kept[spawn.kept_count++] = channel;
	reload_variable_write(reload, part, channel, variable);
	if (part != RELOAD_SUCCESSOR)
		return spawn_child(&spawn);
	spawn_become(&spawn);
	return -1;
}

/*
 * Opens the file once for both starts: the successor is the program that was
 * tried before, even if the file at the path is replaced meanwhile.
 */
static bool
open_program(struct reload *reload)
{
	if (reload->program >= 0)
		close(reload->program);
	reload->program = open(reload->path, O_PATH | O_CLOEXEC);
	if (reload->program >= 0)
		return true;
	reload_note(reload, "%s: %s", reload->path, strerror(errno));
	return false;
}

static void
note_end(struct reload *reload, int status)
{
	if (WIFSIGNALED(status))
		reload_note(reload, "the new program ended with signal %d",
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) == SPAWN_EXEC_FAILED)
		reload_note(reload, "%s cannot be executed", reload->path);
	else
		reload_note(reload, "the new program ended with status %d",
		    WEXITSTATUS(status));
}

/* Receives the first message.  HANDOFF_NOTHING: none in time, or a stop. */
static enum handoff_kind
await_verdict(struct reload *reload)
{
	struct pollfd channel = { .fd = reload->channel, .events = POLLIN };
	int64_t deadline_ms = reload->began_ms + SERVE_MS;
	char text[HANDOFF_TEXT_MAX + 1];
	struct handoff_conn none;

	while (clock_ms() < deadline_ms && !signals_stop_is_pending()) {
		enum handoff_kind kind =
		    handoff_receive(reload->channel, &none, text);

		if (kind == HANDOFF_FAILED)
			reload_note(reload, "%s", text);
		if (kind != HANDOFF_NOTHING)
			return kind;
		poll(&channel, 1, STEP_MS);
	}
	return HANDOFF_NOTHING;
}

/* Starts the child.  True: it serves.  False: it was ended. */
static bool
try_child(struct reload *reload, enum reload_part part)
{
	enum handoff_kind kind;
	int ends[2], status = 0;

	if (!handoff_open(ends)) {
		reload_note(reload, "%s", strerror(errno));
		return false;
	}
	reload->channel = ends[0];
	reload->bridge = start_program(reload, part, ends[1]);
	if (reload->bridge < 0) {
		reload->bridge = 0;
		reload_note(reload, "%s", strerror(errno));
	}
	close(ends[1]);
	if (reload->bridge == 0)
		return false;
	kind = await_verdict(reload);
	if (kind == HANDOFF_READY)
		return true;
	end_bridge(reload, &status);
	if (kind == HANDOFF_ENDED)
		note_end(reload, status);
	reload_note(reload, "the new program did not serve within 10 s");
	return false;
}

/* Without a bridge: opens a channel where connections wait for the exec. */
static bool
open_own_channel(struct reload *reload)
{
	int ends[2], status;

	end_bridge(reload, &status);
	close(reload->channel);
	reload->channel = -1;
	if (!handoff_open(ends)) {
		reload_note(reload, "%s", strerror(errno));
		return false;
	}
	reload->channel = ends[0];
	reload->own_channel = ends[1];
	return true;
}

bool
reload_begin(struct reload *reload, bool with_bridge, unsigned int needs)
{
	reload->began_ms = clock_ms();
	reload->needs = needs;
	reload->why[0] = '\0';
	reload->channel = -1;
	reload->is_leaving =
	    open_program(reload) &&
	    try_child(reload, with_bridge ? RELOAD_BRIDGE : RELOAD_TRIAL) &&
	    (with_bridge || open_own_channel(reload));
	if (reload->is_leaving)
		return true;
	if (reload->channel >= 0)
		close(reload->channel);
	reload->channel = -1;
	return false;
}

void
reload_tell_refused(const struct reload *reload)
{
	char status[sizeof(reload->why) + 32];

	if (signals_stop_is_pending())
		return;
	counter_add(COUNTER_RELOADS + RELOAD_REFUSED, 1);
	log_event(LOG_ERROR, "reload refused", log_text("reason", reload->why),
	    LOG_END);
	snprintf(status, sizeof(status), "reload refused: %s", reload->why);
	notify_ready(status);
	outcome_tell(getpid(), status);
}

void
reload_exec(struct reload *reload)
{
	int channel =
	    reload->own_channel >= 0 ? reload->own_channel : reload->channel;

	start_program(reload, RELOAD_SUCCESSOR, channel);
	reload_note(reload, "%s", strerror(errno));
	reload->part = RELOAD_SUCCESSOR;
	reload->has_served = false;
}

void
reload_abandon(struct reload *reload)
{
	int status;

	reload->is_leaving = false;
	if (reload->bridge > 0)
		end_bridge(reload, &status);
}

/* ---- step 4, and the verdict about this program ---- */

/* If its parent dies, a bridge that serves gets TERM, to finish requests. */
static void
bridge_serves(const struct reload *reload)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (reload_is_orphan(reload))
		kill(getpid(), SIGTERM);
	handoff_say_ready(reload->channel);
}

static void
successor_serves(struct reload *reload)
{
	char seconds[32], outcome[64];

	if (reload->bridge > 0)
		kill(reload->bridge, SIGTERM);
	snprintf(seconds, sizeof(seconds), "%.2f",
	    (double)(clock_ms() - reload->began_ms) / 1000);
	counter_add(COUNTER_RELOADS + RELOAD_OK, 1);
	log_event(LOG_INFO, "reloaded", log_text("seconds", seconds), LOG_END);
	snprintf(outcome, sizeof(outcome), "reloaded in %s s", seconds);
	outcome_tell(getpid(), outcome);
}

void
reload_serves(struct reload *reload)
{
	reload->has_served = true;
	switch (reload->part) {
	case RELOAD_NONE:
		break;
	case RELOAD_BRIDGE:
		bridge_serves(reload);
		break;
	case RELOAD_TRIAL:
		handoff_say_ready(reload->channel);
		break;
	case RELOAD_SUCCESSOR:
		successor_serves(reload);
		break;
	}
}

/*
 * A successor that cannot start leaves its bridge serving.  It waits for a
 * signal: to stop, or a SIGHUP after the administrator has mended the fault.
 */
static int
stand_by(struct reload *reload, int status)
{
	int64_t wait_ms = notify_watchdog_ms() > 0 ? STAND_BY_MS : -1;
	int number, ended;

	reload_tell_refused(reload);
	while (reload->bridge > 0) {
		notify_alive();
		number = signals_wait(wait_ms);
		if (signals_is_stop(number)) {
			notify_stopping();
			end_bridge(reload, &ended);
			return EX_OK;
		}
		reload_reap(reload);
		if (number != SIGHUP)
			continue;
		log_reopen();
		reload->began_ms = clock_ms();
		reload->why[0] = '\0';
		if (open_program(reload))
			reload_exec(reload);
		reload_tell_refused(reload);
	}
	return status;
}

int
reload_failed(struct reload *reload, int status)
{
	if (reload->has_served)
		return status;
	reload_note(reload, "the new program cannot serve");
	if (reload->part == RELOAD_BRIDGE || reload->part == RELOAD_TRIAL)
		handoff_say_failed(reload->channel, reload->why);
	if (reload->part == RELOAD_SUCCESSOR)
		return stand_by(reload, status);
	return status;
}
