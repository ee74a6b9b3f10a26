#ifndef OUTCOME_H
#define OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The outcome of a reload, sent to a program that waits for it.  sessgatectl
 * listens at an abstract unix socket whose name has the id of the reloading
 * process.  Every local user could connect to such a socket, or take its name:
 * the listener accepts that process alone, and the process tells root and its
 * own user alone (SO_PEERCRED, unix(7)).
 */
enum { OUTCOME_TEXT_MAX = 600 };

/*
 * Opens the socket at which the outcome of process pid arrives.  Returns its
 * descriptor; -1 with errno.
 */
int outcome_listen(pid_t pid);

/*
 * Waits at most wait_ms for the outcome, and writes it to text, ended by a NUL.
 * False: no text came, or another process than pid sent it.
 */
bool outcome_await(
    int listener, pid_t pid, int64_t wait_ms, char text[OUTCOME_TEXT_MAX + 1]);

/*
 * Sends the text to the program that waits for the outcome of process pid, if
 * there is one.  Does not wait.
 */
void outcome_tell(pid_t pid, const char *text);

#endif
