#ifndef BUFFER_POOL_H
#define BUFFER_POOL_H

#include <pthread.h>
#include <stddef.h>

#include "fcgi/stream.h"

enum { BUFFER_BYTES_MAX = 16384 };

/* The buffers of a connection that has received bytes. */
struct conn_buffer {
	struct stream_buffer request;
	char bytes[BUFFER_BYTES_MAX]; /* from..to are not parsed yet */
	size_t from, to;
	struct conn_buffer *next; /* next in the free list */
};

/* Free list of buffers.  Idle connections have no buffer. */
struct buffer_pool {
	pthread_mutex_t lock; /* guards all below */
	struct conn_buffer *free;
	int count;
};

/* Opens an empty pool; cannot fail. */
void buffer_pool_open(struct buffer_pool *buffer_pool);
/* Frees the buffers in the free list; borrowed ones are not affected. */
void buffer_pool_close(struct buffer_pool *buffer_pool);

/* Returns an empty buffer, owned by the caller; NULL: no memory. */
struct conn_buffer *buffer_pool_take(struct buffer_pool *buffer_pool);

/* Takes back a buffer and wipes its received bytes.  Accepts NULL. */
void buffer_pool_give(
    struct buffer_pool *buffer_pool, struct conn_buffer *conn_buffer);

#endif
