/*
 * A proxy between unix sockets that hands on every byte so much later, each
 * way, as a network would: what is under way does not wait for an answer.
 *
 *   delay LISTEN TO MICROSECONDS
 */
#define _GNU_SOURCE

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK_MAX = 16384, EVENTS = 64 };

/* Bytes under way; the queue is in the order of their due times. */
struct chunk {
	struct chunk *next;
	struct side *to;
	uint64_t due_us;
	size_t len; /* 0: the end of the stream */
	char bytes[];
};

struct side {
	int fd;
	struct side *other;
};

static struct chunk *first, **last = &first;
static int epoll, listener;
static uint64_t delay_us;
static struct sockaddr_un target = { .sun_family = AF_UNIX };

static void
die(const char *what)
{
	fprintf(stderr, "delay: %s: %s\n", what, strerror(errno));
	exit(EX_OSERR);
}

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void
side_watch(struct side *side)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = side };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, side->fd, &event) != 0)
		die("epoll_ctl");
}

/* Sides are never freed: chunks may still point at them. */
static void
accept_pair(void)
{
	struct side *pair = calloc(2, sizeof(*pair));

	if (pair == NULL)
		die("calloc");
	pair[0] = (struct side){ accept4(listener, NULL, NULL, SOCK_CLOEXEC),
		&pair[1] };
	pair[1] = (struct side){ socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
		&pair[0] };
	if (pair[0].fd == -1 || pair[1].fd == -1 ||
	    connect(pair[1].fd, (struct sockaddr *)&target, sizeof(target)) !=
		0)
		die("connection");
	side_watch(&pair[0]);
	side_watch(&pair[1]);
}

static void
side_read(struct side *side)
{
	static char bytes[CHUNK_MAX];
	ssize_t got = recv(side->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	size_t len = got > 0 ? (size_t)got : 0;
	struct chunk *chunk;

	if (got == -1 && errno == EAGAIN)
		return;
	if (len == 0)
		epoll_ctl(epoll, EPOLL_CTL_DEL, side->fd, NULL);
	chunk = malloc(sizeof(*chunk) + len);
	if (chunk == NULL)
		die("malloc");
	*chunk = (struct chunk){ NULL, side->other, now_us() + delay_us, len };
	memcpy(chunk->bytes, bytes, len);
	*last = chunk;
	last = &chunk->next;
}

static void
hand_on_due(void)
{
	while (first != NULL && first->due_us <= now_us()) {
		struct chunk *chunk = first;

		if (chunk->len == 0)
			shutdown(chunk->to->fd, SHUT_WR);
		else if (send(chunk->to->fd, chunk->bytes, chunk->len,
			     MSG_NOSIGNAL) == -1)
			shutdown(chunk->to->fd, SHUT_RDWR);
		first = chunk->next;
		if (first == NULL)
			last = &first;
		free(chunk);
	}
}

static int
wait_events(struct epoll_event *events)
{
	struct timespec left = { 0, 0 };
	uint64_t now = now_us();

	if (first == NULL)
		return epoll_pwait2(epoll, events, EVENTS, NULL, NULL);
	if (first->due_us > now) {
		left.tv_sec = (time_t)((first->due_us - now) / 1000000);
		left.tv_nsec = (long)((first->due_us - now) % 1000000) * 1000;
	}
	return epoll_pwait2(epoll, events, EVENTS, &left, NULL);
}

static bool
set_path(struct sockaddr_un *address, const char *path)
{
	if (strlen(path) >= sizeof(address->sun_path))
		return false;
	memcpy(address->sun_path, path, strlen(path) + 1);
	return true;
}

int
main(int argc, char **argv)
{
	struct sockaddr_un own = { .sun_family = AF_UNIX };
	struct epoll_event event = { .events = EPOLLIN };
	struct epoll_event events[EVENTS];

	if (argc != 4 || !set_path(&own, argv[1]) ||
	    !set_path(&target, argv[2])) {
		fputs("usage: delay LISTEN TO MICROSECONDS\n", stderr);
		return EX_USAGE;
	}
	delay_us = strtoull(argv[3], NULL, 10);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&own, sizeof(own)) != 0 ||
	    listen(listener, 128) != 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0)
		die(argv[1]);
	for (;;) {
		int count = wait_events(events);

		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == NULL)
				accept_pair();
			else
				side_read(events[i].data.ptr);
		}
		hand_on_due();
	}
}
