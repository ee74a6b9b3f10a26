#ifndef MONOTONIC_H
#define MONOTONIC_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Condition variables whose waits end at a deadline of clock_ms(). */

/* To be destroyed with pthread_cond_destroy. */
void monotonic_cond_open(pthread_cond_t *cond);

/*
 * Waits, with lock held as for pthread_cond_wait.  True: woken, perhaps for
 * nothing; false: deadline_ms has passed.
 */
bool monotonic_cond_wait(
    pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ms);

#endif
