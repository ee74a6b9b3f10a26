#ifndef FAIR_QUEUE_H
#define FAIR_QUEUE_H

#include <stdbool.h>
#include <sys/queue.h>

/*
 * A queue of jobs of several sites for a few threads (a bulkhead).  A site
 * keeps at most its share of the threads busy (places_share) and fills at most
 * the same share of the queue.  The sites take turns; the jobs of one site
 * start in the order of their arrival.
 *
 * The queue has neither threads nor a lock: the caller has both, and makes
 * every call under one lock.
 */
struct fair_queue;

/*
 * The part of a job that the queue needs; embedded in the job.  site is the
 * number of the site, from 0; set it before fair_queue_add.
 */
struct fair_job {
	TAILQ_ENTRY(fair_job) entry; /* while the job is queued */
	int site;
};

/*
 * Opens a queue of at most waiting_max jobs of all sites together.  NULL: no
 * memory.
 */
struct fair_queue *fair_queue_open(int threads, int waiting_max, int sites);

/* Frees the queue, which must be empty.  May be NULL. */
void fair_queue_close(struct fair_queue *queue);

/*
 * Adds a job.  False: the share of its site is full, and the caller keeps the
 * job.
 */
bool fair_queue_add(struct fair_queue *queue, struct fair_job *job);

/* Removes a queued job, which will not start. */
void fair_queue_remove(struct fair_queue *queue, struct fair_job *job);

/*
 * Removes the next job that may start.  It counts as running until
 * fair_queue_end.  NULL: no job may start now.
 */
struct fair_job *fair_queue_begin(struct fair_queue *queue);

/*
 * Notes that a job of this site has ended.  The thread calls fair_queue_begin
 * next, since another job of the site may start now.
 */
void fair_queue_end(struct fair_queue *queue, int site);

/* True if no job is running. */
bool fair_queue_is_idle(const struct fair_queue *queue);

#endif
