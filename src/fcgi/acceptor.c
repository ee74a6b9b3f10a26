/* Listeners in an epoll set. */
#include "config.h"

#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/acceptor.h"

enum { SHUT_MS = 100 };

static bool
enter(struct door *door, const struct listener *listener)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLET | EPOLLEXCLUSIVE,
		.data.u64 =
		    door->event + (uint64_t)(listener - door->listeners->all),
	};

	return epoll_ctl(door->epoll_fd, EPOLL_CTL_ADD, listener->fd, &event) ==
	       0;
}

static void
leave(struct door *door, const struct listener *listener)
{
	epoll_ctl(door->epoll_fd, EPOLL_CTL_DEL, listener->fd, NULL);
}

static void
leave_all(struct door *door)
{
	for (size_t i = 0; i < door->listeners->count; i++)
		leave(door, &door->listeners->all[i]);
}

bool
door_open(struct door *door, int epoll_fd, uint64_t event,
    const struct listeners *listeners)
{
	*door = (struct door){
		.epoll_fd = epoll_fd,
		.event = event,
		.listeners = listeners,
	};
	pthread_mutex_init(&door->lock, NULL);
	for (size_t i = 0; i < listeners->count; i++)
		if (!enter(door, &listeners->all[i]))
			return false;
	return true;
}

void
door_close(struct door *door)
{
	pthread_mutex_destroy(&door->lock);
}

/* Where it cannot enter again, door_watch will try. */
static void
enter_anew(struct door *door, const struct listener *listener)
{
	if (door->is_shut)
		return;
	leave(door, listener);
	(void)enter(door, listener);
}

void
door_announce(struct door *door, const struct listener *listener)
{
	pthread_mutex_lock(&door->lock);
	enter_anew(door, listener);
	pthread_mutex_unlock(&door->lock);
}

void
door_shut(struct door *door, const char *reason)
{
	int64_t now_ms = clock_ms();

	pthread_mutex_lock(&door->lock);
	if (!door->is_shut)
		leave_all(door);
	door->is_shut = true;
	door->shut_until_ms = now_ms + SHUT_MS;
	pthread_mutex_unlock(&door->lock);
	log_event(
	    LOG_WARN, "accept paused", log_text("reason", reason), LOG_END);
}

void
door_shut_for_good(struct door *door)
{
	pthread_mutex_lock(&door->lock);
	if (!door->is_shut)
		leave_all(door);
	door->is_shut = door->is_shut_for_good = true;
	pthread_mutex_unlock(&door->lock);
}

void
door_watch(struct door *door, bool is_crowded, int64_t now_ms)
{
	pthread_mutex_lock(&door->lock);
	if (!is_crowded && !door->is_shut_for_good &&
	    door->shut_until_ms <= now_ms)
		door->is_shut = false;
	for (size_t i = 0; i < door->listeners->count; i++)
		enter_anew(door, &door->listeners->all[i]);
	pthread_mutex_unlock(&door->lock);
}
