/* A queue of jobs of several sites for a few threads. */
#include "config.h"

#include <stdlib.h>

#include "base/fair_queue.h"
#include "base/places.h"

struct site {
	TAILQ_HEAD(jobs, fair_job) waiting;
	int waiting_count, running_count;
};

struct fair_queue {
	int threads_share, waiting_share; /* bounds for one site */
	int running_count;
	int turn; /* the site that fair_queue_begin tries first */
	int count;
	struct site sites[];
};

struct fair_queue *
fair_queue_open(int threads, int waiting_max, int sites)
{
	struct fair_queue *queue =
	    calloc(1, sizeof(*queue) + (size_t)sites * sizeof(queue->sites[0]));

	if (queue == NULL)
		return NULL;
	queue->threads_share = places_share(threads, sites);
	queue->waiting_share = places_share(waiting_max, sites);
	queue->count = sites;
	for (int i = 0; i < sites; i++)
		TAILQ_INIT(&queue->sites[i].waiting);
	return queue;
}

void
fair_queue_close(struct fair_queue *queue)
{
	free(queue);
}

bool
fair_queue_add(struct fair_queue *queue, struct fair_job *job)
{
	struct site *site = &queue->sites[job->site];

	if (site->waiting_count == queue->waiting_share)
		return false;
	TAILQ_INSERT_TAIL(&site->waiting, job, entry);
	site->waiting_count++;
	return true;
}

void
fair_queue_remove(struct fair_queue *queue, struct fair_job *job)
{
	struct site *site = &queue->sites[job->site];

	TAILQ_REMOVE(&site->waiting, job, entry);
	site->waiting_count--;
}

struct fair_job *
fair_queue_begin(struct fair_queue *queue)
{
	for (int i = 0; i < queue->count; i++) {
		int at = (queue->turn + i) % queue->count;
		struct site *site = &queue->sites[at];
		struct fair_job *job = TAILQ_FIRST(&site->waiting);

		if (job == NULL || site->running_count == queue->threads_share)
			continue;
		fair_queue_remove(queue, job);
		site->running_count++;
		queue->running_count++;
		queue->turn = (at + 1) % queue->count;
		return job;
	}
	return NULL;
}

void
fair_queue_end(struct fair_queue *queue, int site)
{
	queue->sites[site].running_count--;
	queue->running_count--;
}

bool
fair_queue_is_idle(const struct fair_queue *queue)
{
	return queue->running_count == 0;
}
