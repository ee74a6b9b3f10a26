#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "fcgi/listen.h"

/*
 * The listeners in the epoll set, edge-triggered.
 *
 * A level-triggered listener would wake one thread too many for each
 * connection.  But one edge may stand for many connections, and it goes to one
 * thread of one process only.  So a thread that got an edge accepts until no
 * connection is pending, or re-arms the listener: removing it from the set and
 * adding it again makes a new edge if connections are pending (epoll(7)).
 *
 * Any thread may call these functions.
 */
struct acceptor {
	int epoll_fd;
	uint64_t event; /* u64 of the first listener, + 1 for each next */
	const struct listeners *listeners;

	pthread_mutex_t lock; /* guards all below */
	bool is_paused;	      /* the listeners are not in the set */
	bool is_stopped;
	int64_t shut_until_ms;
};

/*
 * False with errno set: a listener could not be added.  Call acceptor_close in
 * any case.  The listeners must outlive the acceptor.
 */
bool acceptor_open(struct acceptor *acceptor, int epoll_fd, uint64_t event,
    const struct listeners *listeners);
/* The listeners stay open. */
void acceptor_close(struct acceptor *acceptor);

/* Re-arms the listener, so that pending connections raise a new edge. */
void acceptor_announce(
    struct acceptor *acceptor, const struct listener *listener);

/* Stops accepting for 100 ms: out of connections or descriptors. */
void acceptor_pause(struct acceptor *acceptor, const char *reason);

/* Stops accepting for ever. */
void acceptor_stop(struct acceptor *acceptor);

/*
 * Call about twenty times a second.  Resumes accepting after a pause, unless
 * is_crowded.  Re-arms all listeners: a process that shares a listener may have
 * died, or be frozen, after it got an edge.
 */
void acceptor_watch(struct acceptor *acceptor, bool is_crowded, int64_t now_ms);

#endif
