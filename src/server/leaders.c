/* A counting semaphore for the permits to wait in epoll. */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>

#include "server/leaders.h"

struct leaders {
	pthread_mutex_t lock; /* guards `free` */
	pthread_cond_t is_free;
	int free;
};

struct leaders *
leaders_open(int permits)
{
	struct leaders *leaders = calloc(1, sizeof(*leaders));

	if (leaders == NULL)
		return NULL;
	pthread_mutex_init(&leaders->lock, NULL);
	pthread_cond_init(&leaders->is_free, NULL);
	leaders->free = permits;
	return leaders;
}

void
leaders_close(struct leaders *leaders)
{
	if (leaders == NULL)
		return;
	pthread_cond_destroy(&leaders->is_free);
	pthread_mutex_destroy(&leaders->lock);
	free(leaders);
}

void
leader_take(struct leader *leader)
{
	struct leaders *leaders = leader->leaders;

	if (leader->has_permit)
		return;
	pthread_mutex_lock(&leaders->lock);
	while (leaders->free == 0)
		pthread_cond_wait(&leaders->is_free, &leaders->lock);
	leaders->free--;
	pthread_mutex_unlock(&leaders->lock);
	leader->has_permit = true;
}

void
leader_yield(struct leader *leader)
{
	struct leaders *leaders = leader->leaders;

	if (!leader->has_permit)
		return;
	leader->has_permit = false;
	pthread_mutex_lock(&leaders->lock);
	leaders->free++;
	pthread_cond_signal(&leaders->is_free);
	pthread_mutex_unlock(&leaders->lock);
}
