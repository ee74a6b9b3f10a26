#ifndef OUTCOME_H
#define OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The outcome of a reload, told to a program that waits for it: sessgatectl
 * listens at an abstract unix socket with a name for each process id.  Each
 * side makes sure that the other one is of the same user, or root.
 */
enum { OUTCOME_TEXT_MAX = 600 };

/* Waits for the outcome of that process: a socket; -1 with errno. */
int outcome_listen(pid_t pid);

/*
 * The text, terminated, that came within wait_ms.  False: none came, or not
 * from the user of the process with that id or root.
 */
bool outcome_await(
    int listener, int64_t wait_ms, char text[OUTCOME_TEXT_MAX + 1]);

/* Tells the text to who waits for process pid, if anybody does.  No waiting. */
void outcome_tell(pid_t pid, const char *text);

#endif
