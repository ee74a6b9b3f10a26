/*
 * Asks sessgate over its unix socket.  Each wait ends at a deadline of the
 * monotonic clock.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <apr_strings.h>

#include "apache/ask.h"
#include "apache/fcgi_answer.h"
#include "apache/kept.h"

enum { BUFFER_FIRST = 4096 /* most answers fit */ };

static const char too_late[] = "no answer in time";

/* A question under way. */
struct talk {
	const struct ask_times *times;
	apr_pool_t *pool;
	int64_t deadline_ms;
	int fd;
	struct ask_bytes got; /* all bytes received */
	size_t size;	      /* of the buffer at got.ptr */
	struct fcgi_records records;
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The milliseconds left for a step of at most step_ms; 0: the time is up. */
static int
left_ms(const struct talk *talk, int step_ms)
{
	int64_t left = talk->deadline_ms - now_ms();

	if (left <= 0)
		return 0;
	return left < step_ms ? (int)left : step_ms;
}

/* Waits for events, read_ms at most.  False: too late. */
static bool
await(const struct talk *talk, short events)
{
	int64_t until = now_ms() + left_ms(talk, talk->times->read_ms);
	struct pollfd poller = { .fd = talk->fd, .events = events };

	for (;;) {
		int64_t left = until - now_ms();
		int ready = poll(&poller, 1, left > 0 ? (int)left : 0);

		if (ready > 0)
			return true;
		if (left <= 0 || (ready < 0 && errno != EINTR))
			return false;
	}
}

static bool
fill_address(struct sockaddr_un *address, const char *path)
{
	size_t len = strlen(path);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len >= sizeof(address->sun_path))
		return false;
	memcpy(address->sun_path, path, len);
	return true;
}

static const char *
why_errno(const struct talk *talk, const char *call)
{
	char text[128];

	return apr_pstrcat(talk->pool, call,
	    apr_strerror(APR_FROM_OS_ERROR(errno), text, sizeof(text)),
	    (char *)NULL);
}

static void
drop_connection(struct talk *talk)
{
	if (talk->fd >= 0)
		close(talk->fd);
	talk->fd = -1;
}

static bool
set_time(int fd, int option, int ms)
{
	const struct timeval time = { ms / 1000, ms % 1000 * 1000 };

	return setsockopt(fd, SOL_SOCKET, option, &time, sizeof(time)) == 0;
}

/*
 * connect() to a unix socket waits while the backlog is full, and poll() does
 * not report when it has space, so SO_SNDTIMEO bounds that wait.  SO_RCVTIMEO
 * bounds the wait for each answer, also of later questions, and saves a poll().
 */
static const char *
open_connection(struct talk *talk, const char *path)
{
	int wait_ms = left_ms(talk, talk->times->connect_ms);
	struct sockaddr_un address;

	if (!fill_address(&address, path))
		return "the path of the socket is too long";
	if (wait_ms == 0)
		return too_late;
	talk->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (talk->fd < 0)
		return why_errno(talk, "socket: ");
	if (!set_time(talk->fd, SO_SNDTIMEO, wait_ms) ||
	    !set_time(talk->fd, SO_RCVTIMEO, talk->times->read_ms))
		return why_errno(talk, "setsockopt: ");
	while (connect(
		   talk->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		if (errno != EINTR || left_ms(talk, 1) == 0)
			return errno == EAGAIN ? "no connection in time"
					       : why_errno(talk, "connect: ");
	return NULL;
}

static const char *
send_question(const struct talk *talk, const struct ask_bytes *question)
{
	size_t sent = 0;

	while (sent < question->len) {
		ssize_t part = send(talk->fd, question->ptr + sent,
		    question->len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (part >= 0)
			sent += (size_t)part;
		else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!await(talk, POLLOUT))
				return "the question was not taken in time";
		} else if (errno != EINTR)
			return "the connection is closed";
	}
	return NULL;
}

/* Makes the buffer larger if it is full.  False: the answer is too long. */
static bool
grow(struct talk *talk)
{
	size_t size = talk->size > 0 ? 2 * talk->size : BUFFER_FIRST;
	char *larger;

	if (talk->got.len < talk->size)
		return true;
	if (size > FCGI_ANSWER_BYTES)
		size = FCGI_ANSWER_BYTES;
	if (size <= talk->size)
		return false;
	larger = apr_palloc(talk->pool, size);
	if (talk->got.len > 0)
		memcpy(larger, talk->got.ptr, talk->got.len);
	talk->got.ptr = larger;
	talk->size = size;
	return true;
}

/*
 * SO_RCVTIMEO bounds the wait, or poll() if less time is left.  errno EAGAIN:
 * too late.
 */
static ssize_t
receive(const struct talk *talk)
{
	int read_ms = talk->times->read_ms;
	bool is_last = left_ms(talk, read_ms) < read_ms;

	if (is_last && !await(talk, POLLIN)) {
		errno = EAGAIN;
		return -1;
	}
	return recv(talk->fd, talk->got.ptr + talk->got.len,
	    talk->size - talk->got.len, is_last ? MSG_DONTWAIT : 0);
}

static const char *
receive_part(struct talk *talk)
{
	ssize_t part;

	if (!grow(talk))
		return "the answer is too long";
	part = receive(talk);
	if (part < 0 && errno == EINTR)
		return NULL;
	if (part < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return too_late;
	if (part <= 0)
		return "the connection was closed before an answer";
	talk->got.len += (size_t)part;
	return NULL;
}

static const char *
receive_answer(struct talk *talk)
{
	enum fcgi_answer_verdict verdict = FCGI_ANSWER_MORE;

	while (verdict == FCGI_ANSWER_MORE) {
		const char *why = receive_part(talk);

		if (why != NULL)
			return why;
		verdict = fcgi_records_read(
		    &talk->records, talk->got.ptr, talk->got.len);
	}
	return verdict == FCGI_ANSWER_WHOLE ? NULL : "the answer is no FastCGI";
}

static const char *
converse(struct talk *talk, const struct ask_bytes *question)
{
	const char *why = send_question(talk, question);

	return why != NULL ? why : receive_answer(talk);
}

/*
 * True if the other side has closed the connection: only then a second attempt
 * makes sense.  After a time-out sessgate is there, but slow.
 */
static bool
is_closed(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

/*
 * True if a kept connection is open and has no unread byte, which would be
 * taken for the answer to the next question.
 */
static bool
is_sound(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, 0) == 0;
}

static bool
take_sound(struct talk *talk, struct kept *kept)
{
	while ((talk->fd = kept_take(kept, now_ms())) >= 0) {
		if (is_sound(talk->fd))
			return true;
		drop_connection(talk);
	}
	return false;
}

static const char *
ask_either(
    struct talk *talk, struct kept *kept, const struct ask_bytes *question)
{
	const char *why;

	if (take_sound(talk, kept)) {
		why = converse(talk, question);
		if (why == NULL || talk->got.len > 0 || !is_closed(talk->fd))
			return why;
		drop_connection(talk);
	}
	why = open_connection(talk, kept_path(kept));
	return why != NULL ? why : converse(talk, question);
}

const char *
ask(struct kept *kept, const struct ask_times *times, apr_pool_t *pool,
    const struct ask_bytes *question, struct ask_bytes *text)
{
	struct talk talk = {
		.times = times,
		.pool = pool,
		.deadline_ms = now_ms() + times->total_ms,
		.fd = -1,
	};
	const char *why = ask_either(&talk, kept, question);

	if (why != NULL) {
		drop_connection(&talk);
		return why;
	}
	kept_put(kept, talk.fd, now_ms());
	*text = (struct ask_bytes){ talk.got.ptr, talk.records.text_len };
	return NULL;
}
