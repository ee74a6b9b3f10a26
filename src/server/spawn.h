#ifndef SPAWN_H
#define SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Starts a program with the environment of this process and one variable more.
 * If LISTEN_PID (sd_listen_fds(3)) names this process, the program gets its own
 * process id there.
 */
struct spawn {
	int program; /* the file, as of open(2) with O_PATH */
	char **argv;
	char *variable; /* NAME=VALUE */
	/* descriptors that stay open, although they are close-on-exec */
	const int *kept;
	size_t kept_count;
};

/*
 * Starts the program as a child, which is killed when the calling thread ends.
 * Returns its process id; -1 with errno.  The child exits with
 * SPAWN_EXEC_FAILED if the file cannot be executed.
 */
enum { SPAWN_EXEC_FAILED = 127 };
pid_t spawn_child(const struct spawn *spawn);

/* Replaces this process by the program.  Returns only on failure: errno. */
void spawn_become(const struct spawn *spawn);

#endif
