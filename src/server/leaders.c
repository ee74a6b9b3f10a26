/* The permits to wait in epoll: a counting semaphore. */
#include "config.h"

#include <semaphore.h>
#include <stdlib.h>

#include "server/leaders.h"

struct leaders {
	sem_t permits; /* those that no worker holds */
};

struct leaders *
leaders_open(int permits)
{
	struct leaders *leaders = calloc(1, sizeof(*leaders));

	if (leaders != NULL)
		sem_init(&leaders->permits, 0, (unsigned int)permits);
	return leaders;
}

void
leaders_close(struct leaders *leaders)
{
	if (leaders == NULL)
		return;
	sem_destroy(&leaders->permits);
	free(leaders);
}

void
leader_take(struct leader *leader)
{
	while (!leader->has_permit) /* again after EINTR */
		leader->has_permit = sem_wait(&leader->leaders->permits) == 0;
}

void
leader_yield(struct leader *leader)
{
	if (!leader->has_permit)
		return;
	leader->has_permit = false;
	sem_post(&leader->leaders->permits);
}
