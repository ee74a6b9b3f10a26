/* Receive buffers, with a short free list. */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/buffer_pool.h"

enum { BUFFERS_KEPT = 64 };

void
buffer_pool_open(struct buffer_pool *buffer_pool)
{
	pthread_mutex_init(&buffer_pool->lock, NULL);
	buffer_pool->free = NULL;
	buffer_pool->count = 0;
}

void
buffer_pool_close(struct buffer_pool *buffer_pool)
{
	while (buffer_pool->free != NULL) {
		struct conn_buffer *next = buffer_pool->free->next;

		free(buffer_pool->free);
		buffer_pool->free = next;
	}
	pthread_mutex_destroy(&buffer_pool->lock);
}

struct conn_buffer *
buffer_pool_take(struct buffer_pool *buffer_pool)
{
	struct conn_buffer *conn_buffer;

	pthread_mutex_lock(&buffer_pool->lock);
	conn_buffer = buffer_pool->free;
	if (conn_buffer != NULL) {
		buffer_pool->free = conn_buffer->next;
		buffer_pool->count--;
	}
	pthread_mutex_unlock(&buffer_pool->lock);
	if (conn_buffer == NULL)
		conn_buffer = malloc(sizeof(*conn_buffer));
	if (conn_buffer != NULL)
		conn_buffer->from = conn_buffer->to = 0;
	return conn_buffer;
}

void
buffer_pool_give(
    struct buffer_pool *buffer_pool, struct conn_buffer *conn_buffer)
{
	bool is_kept;

	if (conn_buffer == NULL)
		return;
	explicit_bzero(conn_buffer->bytes, conn_buffer->to);
	pthread_mutex_lock(&buffer_pool->lock);
	is_kept = buffer_pool->count < BUFFERS_KEPT;
	if (is_kept) {
		conn_buffer->next = buffer_pool->free;
		buffer_pool->free = conn_buffer;
		buffer_pool->count++;
	}
	pthread_mutex_unlock(&buffer_pool->lock);
	if (!is_kept)
		free(conn_buffer);
}
