/* Starts a program beside this one, or in its place. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/str.h"
#include "server/spawn.h"

#define LISTEN_PID "LISTEN_PID="

/* The environment of the program.  environ's strings are not copied. */
struct environment {
	char **all;
	char *listen_pid; /* the entry to rewrite for a child; NULL: none */
	char listen_pid_text[sizeof(LISTEN_PID) + 20];
};

static bool
names_us_in_listen_pid(const char *entry)
{
	struct str value = str_from(entry);
	int64_t pid;

	return str_eq(str_cut(&value, '='), STR("LISTEN_PID")) &&
	       str_to_int(value, getpid(), getpid(), &pid);
}

/*
 * Makes the environment of the program.  The caller frees env->all, of
 * which an entry may point into *env.  False: no memory.
 */
static bool
make_environment(struct environment *env, const struct spawn *spawn)
{
	size_t count = 0, used = 0;

	*env = (struct environment){ .listen_pid_text = LISTEN_PID };
	while (environ[count] != NULL)
		count++;
	env->all = calloc(count + 2, sizeof(env->all[0]));
	if (env->all == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		env->all[used++] = environ[i];
		if (names_us_in_listen_pid(environ[i]))
			env->all[used - 1] = env->listen_pid =
			    env->listen_pid_text;
	}
	env->all[used] = spawn->variable;
	return true;
}

/*
 * Writes a number as text.  This function and those below run between fork and
 * exec.  A lock that another thread held at the fork is never released there,
 * malloc's included, so they make system calls only.
 */
static void
write_digits(char *to, int number)
{
	char digits[12];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (count > 0)
		*to++ = digits[--count];
	*to = '\0';
}

static void
set_listen_pid(struct environment *env)
{
	if (env->listen_pid != NULL)
		write_digits(
		    env->listen_pid + sizeof(LISTEN_PID) - 1, getpid());
}

static void
keep_open(const struct spawn *spawn)
{
	for (size_t i = 0; i < spawn->kept_count; i++)
		fcntl(spawn->kept[i], F_SETFD, 0);
}

/*
 * Executes the program in the child.  The end of its parent kills it, with
 * KILL, since the program inherits the blocked signals: if it hangs before it
 * takes them, no other signal ends it.
 */
static _Noreturn void
run_child(const struct spawn *spawn, struct environment *env, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(SPAWN_EXEC_FAILED);
	set_listen_pid(env);
	keep_open(spawn);
	fexecve(spawn->program, spawn->argv, env->all);
	_exit(SPAWN_EXEC_FAILED);
}

pid_t
spawn_child(const struct spawn *spawn)
{
	pid_t parent = getpid(), child;
	struct environment env;

	if (!make_environment(&env, spawn))
		return -1;
	child = fork();
	if (child == 0)
		run_child(spawn, &env, parent);
	free(env.all);
	return child;
}

void
spawn_become(const struct spawn *spawn)
{
	struct environment env;
	int saved_errno;

	if (!make_environment(&env, spawn))
		return;
	set_listen_pid(&env);
	keep_open(spawn);
	fexecve(spawn->program, spawn->argv, env.all);
	saved_errno = errno;
	free(env.all);
	errno = saved_errno;
}
