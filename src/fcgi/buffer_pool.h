#ifndef BUFFER_POOL_H
#define BUFFER_POOL_H

#include <pthread.h>
#include <stddef.h>

#include "fcgi/stream.h"

enum { ROOM_BYTES_MAX = 16384 };

/* The buffers of a connection that has bytes. */
struct conn_buffer {
	struct stream_buffer request;
	char bytes[ROOM_BYTES_MAX]; /* received; from..to are not yet read */
	size_t from, to;
	struct conn_buffer *next; /* in the free list */
};

/* The free list that idle connections give theirs back to. */
struct buffer_pool {
	pthread_mutex_t lock; /* guards all below */
	struct conn_buffer *free;
	int count;
};

void buffer_pool_open(struct buffer_pool *buffer_pool);
void buffer_pool_close(struct buffer_pool *buffer_pool);

/* An empty buffer, the caller's; NULL where there is no memory. */
struct conn_buffer *buffer_pool_take(struct buffer_pool *buffer_pool);

/* Takes it back, its received bytes wiped; NULL is none. */
void buffer_pool_give(
    struct buffer_pool *buffer_pool, struct conn_buffer *conn_buffer);

#endif
