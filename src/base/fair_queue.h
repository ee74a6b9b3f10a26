#ifndef FAIR_QUEUE_H
#define FAIR_QUEUE_H

#include <stdbool.h>
#include <sys/queue.h>

/*
 * Jobs of several sites that wait for a few threads (a bulkhead).  A site
 * keeps at most its share of the threads busy (places_share), and fills at
 * most that share of the queue.  The sites take turns; the jobs of one site
 * begin in the order of their arrival.
 *
 * Threads and locks are the caller's: each call is made under one lock.
 */
struct fair_queue;

/* Embedded in a job.  site: from 0, set before fair_queue_add. */
struct fair_job {
	TAILQ_ENTRY(fair_job) entry; /* while it waits */
	int site;
};

/* NULL: no memory.  waiting_max: of all sites together. */
struct fair_queue *fair_queue_open(int threads, int waiting_max, int sites);

/* No job waits any more.  Takes NULL too. */
void fair_queue_close(struct fair_queue *queue);

/* False: too many jobs of this site wait. */
bool fair_queue_add(struct fair_queue *queue, struct fair_job *job);

/* Takes out a job that waits and will not be done. */
void fair_queue_remove(struct fair_queue *queue, struct fair_job *job);

/*
 * Takes out the next job that may begin, for the calling thread; it runs until
 * fair_queue_end.  NULL: none.
 */
struct fair_job *fair_queue_begin(struct fair_queue *queue);

/*
 * A job of this site has ended, on the thread that began it, which then asks
 * fair_queue_begin again: another job of the site may begin now.
 */
void fair_queue_end(struct fair_queue *queue, int site);

/* Does no job run? */
bool fair_queue_is_idle(const struct fair_queue *queue);

#endif
