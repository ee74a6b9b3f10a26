/*
 * One connection to Redis: the socket, and every wait on it.  What the bytes
 * mean is redis/resp.c's.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/wait.h"
#include "redis/link.h"
#include "redis/refusal.h"

enum {
	REPLY_BYTES_MAX = 1024 * 1024, /* of one exchange */
	HANDSHAKE_MAX = 3,	       /* AUTH, SELECT, PING */
	LOG_EVERY_MS = 10000
};

struct link {
	struct breaker *breaker;
	int fd; /* -1: not connected */
	struct resp *resp;
	char *out; /* commands that wait to be sent */
	size_t out_len, out_cap;
	int pending; /* how many they are */
	bool is_short_of_memory;
	size_t received;
	int64_t logged_ms;
	char why[LINK_WHY_MAX]; /* what went wrong last */
};

/* What became of one try. */
enum attempt {
	ATTEMPT_DONE,
	ATTEMPT_BROKEN, /* the connection is dead or talks nonsense */
	ATTEMPT_TIMED_OUT,
	ATTEMPT_REFUSED, /* nobody listens, or it does not let us in */
	ATTEMPT_SHORT	 /* of descriptors or memory here: no fault of Redis */
};

struct link *
link_open(struct breaker *breaker)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	link->breaker = breaker;
	link->fd = -1;
	link->logged_ms = -LOG_EVERY_MS;
	return link;
}

static void
disconnect(struct link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	resp_close(link->resp);
	link->resp = NULL;
}

/* Passwords and tokens were in it. */
static void
forget_commands(struct link *link)
{
	if (link->out != NULL)
		explicit_bzero(link->out, link->out_len);
	link->out_len = 0;
	link->pending = 0;
	link->is_short_of_memory = false;
}

void
link_close(struct link *link)
{
	if (link == NULL)
		return;
	disconnect(link);
	forget_commands(link);
	free(link->out);
	free(link);
}

static enum attempt
fail(struct link *link, enum attempt attempt, const char *why)
{
	snprintf(link->why, sizeof(link->why), "%s", why);
	return attempt;
}

static bool
out_reserve(struct link *link, size_t len)
{
	size_t cap = link->out_cap > 0 ? link->out_cap : 1024;
	char *larger;

	if (link->out_cap - link->out_len >= len)
		return true;
	while (cap - link->out_len < len)
		cap *= 2;
	larger = malloc(cap); /* not realloc: it would leave secrets behind */
	if (larger == NULL)
		return false;
	if (link->out_len > 0)
		memcpy(larger, link->out, link->out_len);
	if (link->out != NULL)
		explicit_bzero(link->out, link->out_len);
	free(link->out);
	link->out = larger;
	link->out_cap = cap;
	return true;
}

void
link_add_args(struct link *link, const struct str *args, size_t count)
{
	size_t len = 0;
	char *command = resp_command(args, count, &len);

	if (command == NULL || !out_reserve(link, len)) {
		link->is_short_of_memory = true;
	} else {
		memcpy(link->out + link->out_len, command, len);
		link->out_len += len;
		link->pending++;
	}
	if (command != NULL)
		resp_command_free(command, len);
}

static enum attempt
send_commands(struct link *link, int64_t deadline_ms)
{
	size_t sent = 0;

	while (sent < link->out_len) {
		ssize_t n = send(link->fd, link->out + sent,
		    link->out_len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n < 0 && errno != EAGAIN)
			return fail(link, ATTEMPT_BROKEN, strerror(errno));
		else if (wait_fd(link->fd, POLLOUT, deadline_ms) == 0)
			return fail(link, ATTEMPT_TIMED_OUT, "time-out");
	}
	return ATTEMPT_DONE;
}

static enum attempt
receive(struct link *link, int64_t deadline_ms)
{
	char bytes[16384];
	ssize_t got;

	for (;;) {
		got = recv(link->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (got > 0)
			break;
		if (got == 0)
			return fail(
			    link, ATTEMPT_BROKEN, "it closed the connection");
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return fail(link, ATTEMPT_BROKEN, strerror(errno));
		if (wait_fd(link->fd, POLLIN, deadline_ms) == 0)
			return fail(link, ATTEMPT_TIMED_OUT, "time-out");
	}
	link->received += (size_t)got;
	if (link->received > REPLY_BYTES_MAX)
		return fail(link, ATTEMPT_BROKEN, "its reply is too long");
	if (!resp_feed(link->resp, bytes, (size_t)got))
		return fail(link, ATTEMPT_SHORT, "no memory for its reply");
	return ATTEMPT_DONE;
}

static enum attempt
read_value(struct link *link, struct arena *arena, int64_t deadline_ms,
    struct resp_value *value)
{
	enum attempt attempt = ATTEMPT_DONE;

	while (attempt == ATTEMPT_DONE) {
		switch (resp_next(link->resp, arena, value)) {
		case RESP_VALUE:
			return ATTEMPT_DONE;
		case RESP_MORE:
			attempt = receive(link, deadline_ms);
			break;
		case RESP_BAD:
			return fail(
			    link, ATTEMPT_BROKEN, "its reply makes no sense");
		}
	}
	return attempt;
}

static enum attempt
converse(struct link *link, struct arena *arena, int64_t deadline_ms,
    struct resp_value *values)
{
	enum attempt attempt = send_commands(link, deadline_ms);

	link->received = 0;
	for (int i = 0; attempt == ATTEMPT_DONE && i < link->pending; i++)
		attempt = read_value(link, arena, deadline_ms, &values[i]);
	return attempt;
}

static enum attempt
connect_socket(struct link *link, int64_t deadline_ms)
{
	struct sockaddr_storage address;
	socklen_t len = breaker_address(link->breaker, &address);
	socklen_t error_len = sizeof(int);
	const int on = 1;
	int error = 0;

	if (len == 0)
		return fail(link, ATTEMPT_REFUSED, "its address is not known");
	link->fd = socket(
	    address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0)
		return fail(link, ATTEMPT_SHORT, strerror(errno));
	if (address.ss_family != AF_UNIX)
		setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(link->fd, (struct sockaddr *)&address, len) == 0)
		return ATTEMPT_DONE;
	if (errno == EAGAIN) /* a unix socket's backlog is full */
		return fail(link, ATTEMPT_TIMED_OUT, "its backlog is full");
	if (errno != EINPROGRESS)
		return fail(link, ATTEMPT_REFUSED, strerror(errno));
	if (wait_fd(link->fd, POLLOUT, deadline_ms) == 0)
		return fail(link, ATTEMPT_TIMED_OUT, "time-out of connect");
	if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &error_len) !=
		0 ||
	    error != 0)
		return fail(link, ATTEMPT_REFUSED, strerror(error));
	return ATTEMPT_DONE;
}

static void
add_handshake(struct link *link, struct arena *arena)
{
	const struct redis_url *url = breaker_options(link->breaker)->url;
	struct buf number = buf_open(arena, 16);

	if (url->password != NULL && url->user != NULL)
		link_add(link, STR("AUTH"), str_from(url->user),
		    str_from(url->password));
	else if (url->password != NULL)
		link_add(link, STR("AUTH"), str_from(url->password));
	if (url->database != 0) {
		buf_add_int(&number, url->database);
		link_add(link, STR("SELECT"), buf_str(&number));
	}
}

/* Introduces us; the commands that wait are kept aside meanwhile. */
static enum attempt
handshake(struct link *link, struct arena *arena, int64_t deadline_ms)
{
	struct resp_value values[HANDSHAKE_MAX];
	struct link aside = *link;
	enum attempt attempt;

	link->out = NULL;
	link->out_len = link->out_cap = 0;
	link->pending = 0;
	add_handshake(link, arena);
	attempt = converse(link, arena, deadline_ms, values);
	for (int i = 0; attempt == ATTEMPT_DONE && i < link->pending; i++)
		if (values[i].type == RESP_ERROR)
			attempt = fail(link, ATTEMPT_REFUSED,
			    arena_cstr(arena, values[i].text));
	forget_commands(link);
	free(link->out);
	link->out = aside.out;
	link->out_len = aside.out_len;
	link->out_cap = aside.out_cap;
	link->pending = aside.pending;
	link->is_short_of_memory = aside.is_short_of_memory;
	return attempt;
}

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static enum attempt
link_connect(struct link *link, struct arena *arena, int64_t deadline_ms)
{
	int64_t until_ms = earlier(deadline_ms,
	    clock_ms() + breaker_options(link->breaker)->connect_ms);
	enum attempt attempt = connect_socket(link, until_ms);

	if (attempt == ATTEMPT_DONE) {
		link->resp = resp_open();
		attempt = link->resp != NULL
			      ? handshake(link, arena, until_ms)
			      : fail(link, ATTEMPT_SHORT, "no memory");
	}
	if (attempt != ATTEMPT_DONE)
		disconnect(link);
	return attempt;
}

static void
log_error_reply(struct link *link, struct str text)
{
	int64_t now_ms = clock_ms();

	if (link->logged_ms + LOG_EVERY_MS > now_ms)
		return;
	link->logged_ms = now_ms;
	log_event(LOG_ERROR, "redis refused", log_str("reason", text), LOG_END);
}

/* OK: no error, or one that the caller reads. */
static enum result
judge_error(struct link *link, struct arena *arena, struct str text)
{
	enum refusal refusal = refusal_of(text);

	if (refusal == REFUSAL_IS_VALUE)
		return RESULT_OK;
	if (refusal == REFUSAL_OPENS)
		breaker_refused(link->breaker, arena_cstr(arena, text));
	else
		log_error_reply(link, text);
	if (refusal != REFUSAL_FAILS)
		disconnect(link);
	return RESULT_DOWN;
}

static enum result
judge_values(struct link *link, struct arena *arena,
    const struct resp_value *values, int count, bool is_try)
{
	enum result result = RESULT_OK;

	for (int i = 0; i < count; i++) {
		if (values[i].type != RESP_ERROR || result != RESULT_OK ||
		    (is_try && refusal_of(values[i].text) == REFUSAL_FAILS))
			continue;
		result = judge_error(link, arena, values[i].text);
	}
	return result;
}

/* A kept connection may be dead: then once more, on a new one. */
static enum attempt
try_exchange(struct link *link, struct call *call, struct resp_value *values)
{
	int64_t command_ms = breaker_options(link->breaker)->command_ms;
	bool is_fresh = link->fd < 0;
	enum attempt attempt = ATTEMPT_DONE;

	for (;;) {
		if (link->fd < 0)
			attempt =
			    link_connect(link, call->arena, call->deadline_ms);
		if (attempt == ATTEMPT_DONE)
			attempt = converse(link, call->arena,
			    earlier(call->deadline_ms, clock_ms() + command_ms),
			    values);
		if (attempt == ATTEMPT_DONE)
			return ATTEMPT_DONE;
		disconnect(link);
		if (attempt != ATTEMPT_BROKEN || is_fresh)
			return attempt;
		is_fresh = true;
		attempt = ATTEMPT_DONE;
	}
}

static void
tell_breaker(struct link *link, enum attempt attempt)
{
	if (attempt == ATTEMPT_DONE)
		breaker_succeeded(link->breaker);
	else if (attempt == ATTEMPT_TIMED_OUT)
		breaker_timed_out(link->breaker);
	else if (attempt != ATTEMPT_SHORT)
		breaker_refused(link->breaker, link->why);
}

static enum result
exchange(struct link *link, struct call *call, struct resp_value *values,
    bool is_try)
{
	int count = link->pending;
	enum result result = RESULT_DOWN;
	enum attempt attempt;

	if (!link->is_short_of_memory &&
	    breaker_admits(link->breaker, call->deadline_ms)) {
		attempt = try_exchange(link, call, values);
		tell_breaker(link, attempt);
		if (attempt == ATTEMPT_DONE)
			result = judge_values(
			    link, call->arena, values, count, is_try);
	}
	forget_commands(link);
	if (result != RESULT_OK)
		call->down_code = "redis_unavailable";
	return result;
}

enum result
link_exchange(struct link *link, struct call *call, struct resp_value *values)
{
	return exchange(link, call, values, false);
}

enum result
link_try(struct link *link, struct call *call, struct resp_value *values)
{
	return exchange(link, call, values, true);
}

bool
link_probe(struct link *link, char *why, size_t size)
{
	int64_t command_ms = breaker_options(link->breaker)->command_ms;
	struct arena *arena = arena_open();
	struct resp_value value = { .type = RESP_NIL };
	enum attempt attempt;

	disconnect(link);
	forget_commands(link);
	attempt = link_connect(link, arena, INT64_MAX);
	link_add(link, STR("PING"));
	if (attempt == ATTEMPT_DONE)
		attempt =
		    converse(link, arena, clock_ms() + command_ms, &value);
	if (attempt == ATTEMPT_DONE && value.type == RESP_ERROR)
		attempt =
		    fail(link, ATTEMPT_REFUSED, arena_cstr(arena, value.text));
	forget_commands(link);
	disconnect(link);
	snprintf(why, size, "%s", link->why);
	arena_close(arena);
	return attempt == ATTEMPT_DONE;
}
