#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <stddef.h>

#include "redis/breaker.h"

/*
 * The thread that looks after Redis when nobody else may ask it: it probes at
 * the start, and while the breaker is open, after 100 ms, doubling to 1 s,
 * +-20 %.  It alone resolves names, so that no request waits for a resolver.
 */
struct keeper;

/* The breaker outlives it.  NULL with errno. */
struct keeper *keeper_open(struct breaker *breaker);

/* Stops the thread and waits for it: at most one probe's time-out. */
void keeper_close(struct keeper *keeper);

/*
 * For --check-config: resolves, connects, authenticates and asks once, without
 * a thread.  False: why says what is wrong (never a secret).
 */
bool keeper_try(const struct breaker_options *options, char *why, size_t size);

#endif
