#ifndef MONOTONIC_H
#define MONOTONIC_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Condition variables whose waits end at a deadline of clock_ms(). */

/* Initialises cond.  The caller calls pthread_cond_destroy. */
void monotonic_cond_open(pthread_cond_t *cond);

/*
 * Waits like pthread_cond_wait; the caller holds lock.  True: woken, perhaps
 * spuriously.  False: deadline_ms has passed.
 */
bool monotonic_cond_wait(
    pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ms);

#endif
