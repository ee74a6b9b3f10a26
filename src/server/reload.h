#ifndef RELOAD_H
#define RELOAD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fcgi/handoff.h"
#include "fcgi/listen.h"

/*
 * Reload and upgrade without a failed request.  At SIGHUP
 *
 *  1. the process starts the program that its path names now, with the same
 *     arguments and listening sockets: the bridge;
 *  2. the bridge reads the configuration, waits for the stores, serves beside
 *     the process, and reports it.  If it does not serve it is ended, and the
 *     process goes on as before;
 *  3. the process stops accepting, answers the requests under way, hands its
 *     other connections to the bridge, and becomes that program itself (exec):
 *     the successor, under the same process id;
 *  4. the successor serves and ends the bridge, which hands its connections
 *     back.
 *
 * With [server] reload = drain there is no bridge.  The new program is started
 * as a trial, which only reads the configuration.  During the exec connections
 * wait in the backlog and in the channel.
 *
 * A program learns its part from SESSGATE_RELOAD in its environment.  Only the
 * main thread calls these functions.
 */
enum reload_part {
	RELOAD_NONE, /* not started by a reload */
	RELOAD_BRIDGE,
	RELOAD_SUCCESSOR,
	RELOAD_TRIAL
};

struct reload {
	enum reload_part part;
	char **argv;
	char path[PATH_MAX]; /* absolute; of the program */
	int program;	     /* the file that was tried, O_PATH; -1: none */
	int channel; /* to the other process (fcgi/handoff.h); -1: none */
	/* the end that the successor reads, if there is no bridge; -1: none */
	int own_channel;
	pid_t bridge;	     /* child of this process; 0: none */
	pid_t parent;	     /* of a bridge */
	int64_t began_ms;    /* clock_ms of the SIGHUP */
	int64_t serve_by_ms; /* clock_ms at which to give up on the stores */
	unsigned int needs;  /* stores that answered before: enum store_up */
	/* listening sockets: of --listen, and passed by the first parent */
	int listens[LISTEN_MAX], inherited[LISTEN_MAX];
	size_t listen_count, inherited_count;
	bool has_served; /* reload_serves was called */
	bool is_leaving; /* reload_begin succeeded */
	char why[HANDOFF_TEXT_MAX + 1];
};

/* Reads the part and the program's path.  Call it first. */
void reload_open(struct reload *reload, char **argv);

/*
 * Returns the inherited socket of the --listen argument with this number, from
 * 0, and makes it close-on-exec.  -1: none is inherited for it.
 */
int reload_listen_fd(const struct reload *reload, size_t number);

/* Notes the listening sockets, which the new program inherits. */
void reload_keep(struct reload *reload, const struct listeners *listeners);

/*
 * Notes why this program, or the new one, cannot serve.  Only the first reason
 * is kept, and of it the first line.
 */
__attribute__((format(printf, 2, 3))) void reload_note(
    struct reload *reload, const char *format, ...);

/* Returns the channel from which connections are adopted; -1: none. */
int reload_predecessor(const struct reload *reload);

/*
 * Call when this program serves, or when a trial has read its configuration.  A
 * bridge or trial reports that to its parent process.  A successor ends the
 * bridge and logs `reloaded`.
 */
void reload_serves(struct reload *reload);

/*
 * Call when this program cannot serve; does nothing after reload_serves.  A
 * bridge or trial reports the noted reason to its parent process.  A successor
 * stays while its bridge serves: at a SIGHUP it tries the exec again, at a
 * signal to stop it ends the bridge.  Returns the exit status: EX_OK after such
 * a stop, else `status`.
 */
int reload_failed(struct reload *reload, int status);

/*
 * Steps 1 and 2; take at most 12 s.  needs: the stores that answer (enum
 * store_up), which the new program has to reach as well.  True: it serves, or
 * the trial succeeded; stop serving, then call reload_exec.  False: the new
 * program was ended, for the noted reason or since a signal to stop is pending.
 */
bool reload_begin(struct reload *reload, bool with_bridge, unsigned int needs);

/*
 * Logs the noted reason why a reload was refused, and tells it to the service
 * manager and to sessgatectl reload.  Does nothing if a signal to stop is
 * pending.
 */
void reload_tell_refused(const struct reload *reload);

/*
 * Returns the channel to the process that goes on serving when this one leaves;
 * -1: none.
 */
int reload_successor(const struct reload *reload);

/* Becomes the new program.  Returns on failure only, with the reason noted. */
void reload_exec(struct reload *reload);

/* Gives the reload up and ends the bridge.  For a stop during step 3. */
void reload_abandon(struct reload *reload);

/* True for a bridge whose parent process has died. */
bool reload_is_orphan(const struct reload *reload);

/* Notices the end of the bridge.  Call it at SIGCHLD. */
void reload_reap(struct reload *reload);

#endif
