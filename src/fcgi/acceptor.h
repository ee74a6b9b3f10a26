#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "fcgi/listen.h"

/*
 * The listeners in an epoll set: who is told that somebody wants to be let in.
 *
 * They are edge-triggered: a level wakes one thread more for each connection,
 * in vain.  But one edge may stand for many connections, and is told to one
 * thread, of one process, only.  So who was told goes on accepting until nobody
 * waits, or passes the edge on: entering the set anew makes another where
 * somebody waits (epoll(7)).
 *
 * Any thread may call.
 */
struct acceptor {
	int epoll_fd;
	uint64_t event; /* epoll_data.u64 of the first listener, counted on */
	const struct listeners *listeners;

	pthread_mutex_t lock; /* guards all below */
	bool is_shut;	      /* the listeners are not in the set */
	bool is_shut_for_good;
	int64_t shut_until_ms;
};

/*
 * False with errno: they could not enter.  The listeners outlive the door.
 * Closed by acceptor_close in any case.
 */
bool acceptor_open(struct acceptor *acceptor, int epoll_fd, uint64_t event,
    const struct listeners *listeners);
void acceptor_close(struct acceptor *acceptor);

/* Who waits at this listener is told of once more. */
void acceptor_announce(
    struct acceptor *acceptor, const struct listener *listener);

/* Too many connections or descriptors: nobody is told of for 100 ms. */
void acceptor_shut(struct acceptor *acceptor, const char *reason);

/* Nobody is told of any more. */
void acceptor_shut_for_good(struct acceptor *acceptor);

/*
 * To be called about twenty times a second: opens what was shut, unless it is
 * crowded still.  All are told of once more: a process that shares a listener
 * may have died, or be frozen, with an edge that it was told of.
 */
void acceptor_watch(struct acceptor *acceptor, bool is_crowded, int64_t now_ms);

#endif
