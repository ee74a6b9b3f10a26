#ifndef THREAD_H
#define THREAD_H

#include <pthread.h>
#include <stdbool.h>

/*
 * Starts a thread in which signals are blocked: the main thread handles them.
 * False with errno, which pthread_create(3) itself need not set.
 */
bool thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

#endif
