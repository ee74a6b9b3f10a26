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
 *     the process, and says so.  If it does not, it is ended, and the process
 *     goes on untouched;
 *  3. the process stops accepting, answers what is under way, hands its other
 *     connections to the bridge, and becomes that program itself (exec): the
 *     successor, under the same process id;
 *  4. the successor serves and ends the bridge, which hands its connections
 *     back.
 *
 * With [server] reload = drain there is no bridge.  A trial reads the
 * configuration and ends; during the exec connections wait in the backlog and
 * in the channel.
 *
 * A program learns its part from SESSGATE_RELOAD in its environment.  Only the
 * main thread calls these functions.
 */
enum reload_part {
	RELOAD_NONE, /* started by somebody else */
	RELOAD_BRIDGE,
	RELOAD_SUCCESSOR,
	RELOAD_TRIAL
};

struct reload {
	enum reload_part part;
	char **argv;
	char path[PATH_MAX]; /* absolute; of the program */
	int program;	     /* the file that was tried, O_PATH; -1: none */
	int channel;	     /* to the other process (fcgi/handoff.h); -1 */
	int own_channel;     /* drain: the end that the successor reads; -1 */
	pid_t bridge;	     /* child of this process; 0: none */
	pid_t parent;	     /* of a bridge */
	int64_t began_ms;    /* clock_ms of the SIGHUP */
	int64_t serve_by_ms; /* clock_ms at which to give up on the stores */
	unsigned int needs;  /* stores that answered before: enum store_up */
	/* listening sockets: those of --listen, and those before it */
	int listens[LISTEN_MAX], inherited[LISTEN_MAX];
	size_t listen_count, inherited_count;
	bool has_served; /* reload_serves was called */
	bool is_leaving; /* reload_begin succeeded */
	char why[HANDOFF_TEXT_MAX + 1];
};

/* Finds out the part and the program's path.  To be called first. */
void reload_open(struct reload *reload, char **argv);

/* The handed-over socket of the --listen argument with that number, or -1. */
int reload_listen_fd(const struct reload *reload, size_t number);

/* Notes the listening sockets, which the new program gets. */
void reload_keep(struct reload *reload, const struct listeners *listeners);

/*
 * Notes why this program, or the new one, cannot serve: the first line of the
 * first reason counts.
 */
__attribute__((format(printf, 2, 3))) void reload_note(
    struct reload *reload, const char *format, ...);

/* The channel from which connections are adopted; -1: none. */
int reload_predecessor(const struct reload *reload);

/*
 * This program serves, or as a trial could: tells the process that started it,
 * or ends the bridge and logs `reloaded`.
 */
void reload_serves(struct reload *reload);

/*
 * This program does not serve, for the reason noted; does nothing if it did
 * serve.  Returns the exit status, which is `status` where nobody waits for it.
 * A successor stays, with the bridge serving, until it is told to stop, and
 * becomes the program anew at the next SIGHUP.
 */
int reload_failed(struct reload *reload, int status);

/*
 * Steps 1 and 2; take at most 11 s.  needs: the stores that answer (enum
 * store_up), which the new program has to reach as well.  True: it serves, or
 * could; leave, then call reload_exec.  False: it was ended for the reason
 * noted, or a signal to stop waits.
 */
bool reload_begin(struct reload *reload, bool with_bridge, unsigned int needs);

/* Tells the log and the service manager that a reload was refused, and why. */
void reload_tell_refused(const struct reload *reload);

/*
 * The channel to the process that goes on serving when this one leaves; -1:
 * none.
 */
int reload_successor(const struct reload *reload);

/* Becomes the new program.  Returns on failure only, with the reason noted. */
void reload_exec(struct reload *reload);

/* Ends the bridge instead: the process was told to stop while it left. */
void reload_abandon(struct reload *reload);

/* True for a bridge whose process has died. */
bool reload_is_orphan(const struct reload *reload);

/* At SIGCHLD: notices the end of the bridge. */
void reload_reap(struct reload *reload);

#endif
