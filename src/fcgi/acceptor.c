/* The listeners in the epoll set. */
#include "config.h"

#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/acceptor.h"

enum { SHUT_MS = 100 };

static bool
enter_set(struct acceptor *acceptor, const struct listener *listener)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLET | EPOLLEXCLUSIVE,
		.data.u64 = acceptor->event +
			    (uint64_t)(listener - acceptor->listeners->all),
	};

	return epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_ADD, listener->fd,
		   &event) == 0;
}

static void
leave_set(struct acceptor *acceptor, const struct listener *listener)
{
	epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_DEL, listener->fd, NULL);
}

static void
leave_all(struct acceptor *acceptor)
{
	for (size_t i = 0; i < acceptor->listeners->count; i++)
		leave_set(acceptor, &acceptor->listeners->all[i]);
}

bool
acceptor_open(struct acceptor *acceptor, int epoll_fd, uint64_t event,
    const struct listeners *listeners)
{
	*acceptor = (struct acceptor){
		.epoll_fd = epoll_fd,
		.event = event,
		.listeners = listeners,
	};
	pthread_mutex_init(&acceptor->lock, NULL);
	for (size_t i = 0; i < listeners->count; i++)
		if (!enter_set(acceptor, &listeners->all[i]))
			return false;
	return true;
}

void
acceptor_close(struct acceptor *acceptor)
{
	pthread_mutex_destroy(&acceptor->lock);
}

/* If the listener cannot be added again now, acceptor_watch retries. */
static void
enter_anew(struct acceptor *acceptor, const struct listener *listener)
{
	if (acceptor->is_paused)
		return;
	leave_set(acceptor, listener);
	(void)enter_set(acceptor, listener);
}

void
acceptor_announce(struct acceptor *acceptor, const struct listener *listener)
{
	pthread_mutex_lock(&acceptor->lock);
	enter_anew(acceptor, listener);
	pthread_mutex_unlock(&acceptor->lock);
}

void
acceptor_pause(struct acceptor *acceptor, const char *reason)
{
	int64_t now_ms = clock_ms();

	pthread_mutex_lock(&acceptor->lock);
	if (!acceptor->is_paused)
		leave_all(acceptor);
	acceptor->is_paused = true;
	acceptor->shut_until_ms = now_ms + SHUT_MS;
	pthread_mutex_unlock(&acceptor->lock);
	log_event(
	    LOG_WARN, "accept paused", log_text("reason", reason), LOG_END);
}

void
acceptor_stop(struct acceptor *acceptor)
{
	pthread_mutex_lock(&acceptor->lock);
	if (!acceptor->is_paused)
		leave_all(acceptor);
	acceptor->is_paused = acceptor->is_stopped = true;
	pthread_mutex_unlock(&acceptor->lock);
}

void
acceptor_watch(struct acceptor *acceptor, bool is_crowded, int64_t now_ms)
{
	pthread_mutex_lock(&acceptor->lock);
	if (!is_crowded && !acceptor->is_stopped &&
	    acceptor->shut_until_ms <= now_ms)
		acceptor->is_paused = false;
	for (size_t i = 0; i < acceptor->listeners->count; i++)
		enter_anew(acceptor, &acceptor->listeners->all[i]);
	pthread_mutex_unlock(&acceptor->lock);
}
