/* Connections that wait for the next question: a stack, and a mutex. */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <apr_thread_mutex.h>

#include "apache/kept.h"

struct kept {
	const char *path;
	apr_thread_mutex_t *mutex; /* guards count and connections */
	int count, max;
	struct connection {
		int fd;
		int64_t since_ms;
	} connections[];
};

static apr_status_t
kept_close(void *data)
{
	struct kept *kept = data;

	for (int i = 0; i < kept->count; i++)
		close(kept->connections[i].fd);
	kept->count = 0;
	return APR_SUCCESS;
}

struct kept *
kept_open(apr_pool_t *pool, const char *path, int max)
{
	struct kept *kept = apr_pcalloc(
	    pool, sizeof(*kept) + (size_t)max * sizeof(kept->connections[0]));

	kept->path = path;
	kept->max = max;
	if (apr_thread_mutex_create(
		&kept->mutex, APR_THREAD_MUTEX_DEFAULT, pool) != APR_SUCCESS)
		return NULL;
	apr_pool_cleanup_register(
	    pool, kept, kept_close, apr_pool_cleanup_null);
	return kept;
}

const char *
kept_path(const struct kept *kept)
{
	return kept->path;
}

static bool
is_old(const struct connection *connection, int64_t now_ms)
{
	return now_ms - connection->since_ms > KEPT_MS;
}

int
kept_take(struct kept *kept, int64_t now_ms)
{
	int fd = -1;

	apr_thread_mutex_lock(kept->mutex);
	if (kept->count > 0) {
		if (is_old(&kept->connections[kept->count - 1], now_ms))
			kept_close(kept); /* the others are older */
		else
			fd = kept->connections[--kept->count].fd;
	}
	apr_thread_mutex_unlock(kept->mutex);
	return fd;
}

/* Takes the oldest off the stack if it has waited too long; else -1. */
static int
take_old(struct kept *kept, int64_t now_ms)
{
	int fd;

	if (kept->count == 0 || !is_old(&kept->connections[0], now_ms))
		return -1;
	fd = kept->connections[0].fd;
	kept->count--;
	memmove(&kept->connections[0], &kept->connections[1],
	    (size_t)kept->count * sizeof(kept->connections[0]));
	return fd;
}

void
kept_put(struct kept *kept, int fd, int64_t now_ms)
{
	int old;

	apr_thread_mutex_lock(kept->mutex);
	old = take_old(kept, now_ms);
	if (kept->count < kept->max) {
		kept->connections[kept->count++] =
		    (struct connection){ fd, now_ms };
		fd = -1;
	}
	apr_thread_mutex_unlock(kept->mutex);
	if (old >= 0)
		close(old);
	if (fd >= 0)
		close(fd);
}
