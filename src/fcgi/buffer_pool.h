#ifndef BUFFER_POOL_H
#define BUFFER_POOL_H

#include <pthread.h>
#include <stddef.h>

#include "fcgi/stream.h"

enum { ROOM_BYTES_MAX = 16384 };

/* The buffers of a connection that has bytes. */
struct room {
	struct stream_room request;
	char bytes[ROOM_BYTES_MAX]; /* received; from..to are not yet read */
	size_t from, to;
	struct room *next; /* in the free list */
};

/* The free list that idle connections give theirs back to. */
struct rooms {
	pthread_mutex_t lock; /* guards all below */
	struct room *free;
	int count;
};

void rooms_open(struct rooms *rooms);
void rooms_close(struct rooms *rooms);

/* An empty room, the caller's; NULL where there is no memory. */
struct room *room_take(struct rooms *rooms);

/* Takes it back, its received bytes wiped; NULL is none. */
void room_give(struct rooms *rooms, struct room *room);

#endif
