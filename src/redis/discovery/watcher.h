#ifndef WATCHER_H
#define WATCHER_H

#include <stddef.h>

#include "redis/discovery/sentinel_reply.h"
#include "redis/wire/breaker.h"

/*
 * Watches one Sentinel: a thread with two links to it.  One has subscribed to
 * its messages.  Over the other it is asked for the primary once a second, and
 * at once after a message.  There is a thread for each Sentinel, since one that
 * is frozen must not delay the answers of the others.
 */
struct watcher;

struct watcher_options {
	struct breaker *breaker;
	struct redis_host host;
	int stop_fd; /* readable: the thread has to end */
	size_t number;
	/*
	 * Called by the thread with each answer, and each failure to get one.
	 */
	void (*answered)(
	    void *arg, size_t number, const struct sentinel_answer *answer);
	/* Called by the thread when a replica is being promoted. */
	void (*promoting)(void *arg, const char *host, int port);
	void *arg;
};

/* Starts the thread.  NULL with errno. */
struct watcher *watcher_open(const struct watcher_options *options);

/*
 * Joins the thread.  The caller has made stop_fd readable.  May wait for the
 * resolver, a connect or a command, each until its time-out.
 */
void watcher_close(struct watcher *watcher);

#endif
