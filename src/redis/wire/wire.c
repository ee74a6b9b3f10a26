/*
 * A socket to Redis, and every wait on it.  The bytes are decoded in
 * redis/wire/resp.c.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <poll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/wait.h"
#include "redis/wire/dial.h"
#include "redis/wire/error_reply.h"
#include "redis/wire/tls.h"
#include "redis/wire/wire.h"

#define SKIP_BYTES_MAX (INT64_C(64) << 20) /* longer values close the link */

enum { HANDSHAKE_MAX = 2 /* AUTH, SELECT; HELLO is read later */ };

struct wire {
	struct breaker *breaker;
	struct wire_login login;
	int fd;		      /* -1: not connected */
	struct tls_link *tls; /* NULL: without TLS */
	bool is_answered;     /* the server has sent something */
	unsigned int epoch;   /* the breaker's, when connected */
	struct resp *resp;
	char *out; /* queued commands, encoded */
	size_t out_len, out_cap;
	int pending; /* number of queued commands */
	bool is_short_of_memory;
	bool owes_role;		/* the reply to HELLO is still unread */
	char why[WIRE_WHY_MAX]; /* reason of the last failure */
};

struct wire *
wire_open(struct breaker *breaker)
{
	const struct redis_url *url = breaker_options(breaker)->url;
	struct wire *wire = calloc(1, sizeof(*wire));

	if (wire == NULL)
		return NULL;
	wire->breaker = breaker;
	wire->login =
	    (struct wire_login){ url->user, url->password, url->database };
	wire->fd = -1;
	return wire;
}

void
wire_set_login(struct wire *wire, const struct wire_login *login)
{
	wire->login = *login;
}

void
wire_disconnect(struct wire *wire)
{
	tls_link_close(wire->tls);
	wire->tls = NULL;
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
	wire->is_answered = false;
	wire->owes_role = false;
	resp_close(wire->resp);
	wire->resp = NULL;
}

/* Wipes the buffer: it held passwords and tokens. */
void
wire_forget(struct wire *wire)
{
	if (wire->out != NULL)
		explicit_bzero(wire->out, wire->out_len);
	wire->out_len = 0;
	wire->pending = 0;
	wire->is_short_of_memory = false;
}

void
wire_close(struct wire *wire)
{
	if (wire == NULL)
		return;
	wire_disconnect(wire);
	wire_forget(wire);
	free(wire->out);
	free(wire);
}

static enum wire_verdict
wire_fail(struct wire *wire, enum wire_verdict verdict, const char *why)
{
	snprintf(wire->why, sizeof(wire->why), "%s", why);
	return verdict;
}

static bool
out_reserve(struct wire *wire, size_t len)
{
	size_t cap = wire->out_cap > 0 ? wire->out_cap : 1024;
	char *larger;

	if (wire->out_cap - wire->out_len >= len)
		return true;
	while (cap - wire->out_len < len)
		cap *= 2;
	larger = malloc(cap); /* not realloc: it would leave secrets behind */
	if (larger == NULL)
		return false;
	if (wire->out_len > 0)
		memcpy(larger, wire->out, wire->out_len);
	if (wire->out != NULL)
		explicit_bzero(wire->out, wire->out_len);
	free(wire->out);
	wire->out = larger;
	wire->out_cap = cap;
	return true;
}

void
wire_add_args(struct wire *wire, const struct str *args, size_t count)
{
	if (!out_reserve(wire, resp_command_size_max(args, count))) {
		wire->is_short_of_memory = true;
		return;
	}
	wire->out_len += resp_command(wire->out + wire->out_len, args, count);
	wire->pending++;
}

static enum wire_verdict
send_bytes(struct wire *wire, struct str bytes, const struct call *call)
{
	size_t sent = 0;

	while (sent < bytes.len) {
		ssize_t n = tls_send(
		    wire->tls, wire->fd, bytes.ptr + sent, bytes.len - sent);

		if (n > 0)
			sent += (size_t)n;
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n < 0 && errno != EAGAIN)
			return wire_fail(wire, WIRE_BROKEN, strerror(errno));
		else if (wait_fd(wire->fd, tls_events(wire->tls, POLLOUT),
			     call) == 0)
			return wire_fail(wire, WIRE_TIMED_OUT, "time-out");
	}
	return WIRE_DONE;
}

/*
 * Adds a hint if the server has sent nothing: a TLS port closes plain
 * connections without a reply.
 */
static enum wire_verdict
receive_failed(struct wire *wire, const char *why)
{
	bool is_plain_tcp =
	    wire->tls == NULL && !breaker_options(wire->breaker)->url->is_unix;

	snprintf(wire->why, sizeof(wire->why), "%s%s", why,
	    is_plain_tcp && !wire->is_answered
		? "; is this a TLS port? (rediss://)"
		: "");
	return WIRE_BROKEN;
}

/* Receives pending bytes, without waiting. */
static enum wire_verdict
receive_now(struct wire *wire)
{
	char bytes[16384];
	ssize_t got;

	do
		got = tls_recv(wire->tls, wire->fd, bytes, sizeof(bytes));
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return receive_failed(wire, "it closed the connection");
	if (got < 0 && errno == EAGAIN)
		return WIRE_NOTHING;
	if (got < 0)
		return receive_failed(wire,
		    errno == EPROTO ? tls_why(wire->tls) : strerror(errno));
	wire->is_answered = true;
	if (!resp_feed(wire->resp, bytes, (size_t)got))
		return wire_fail(wire, WIRE_SHORT, "no memory for its reply");
	if (resp_skipping(wire->resp) > SKIP_BYTES_MAX)
		return wire_fail(
		    wire, WIRE_LONG, "a value is too long to skip");
	return WIRE_DONE;
}

static enum wire_verdict
late(struct wire *wire)
{
	if (resp_skipping(wire->resp) > 0)
		return wire_fail(
		    wire, WIRE_LONG, "a value is too long to skip");
	return wire_fail(wire, WIRE_TIMED_OUT, "time-out");
}

/*
 * Waits before it reads, since the reply cannot be there when the command has
 * just been sent.  poll(2) does not see what TLS has read already.
 */
static enum wire_verdict
receive(struct wire *wire, const struct call *call)
{
	enum wire_verdict verdict = WIRE_NOTHING;

	if (tls_has_rest(wire->tls))
		verdict = receive_now(wire);
	while (verdict == WIRE_NOTHING) {
		if (wait_fd(wire->fd, tls_events(wire->tls, POLLIN), call) == 0)
			return late(wire);
		verdict = receive_now(wire);
	}
	return verdict;
}

static enum wire_verdict
read_value(struct wire *wire, const struct call *call, struct resp_value *value)
{
	enum wire_verdict verdict = WIRE_DONE;

	while (verdict == WIRE_DONE) {
		switch (resp_next(wire->resp, call->arena, value)) {
		case RESP_VALUE:
			return WIRE_DONE;
		case RESP_MORE:
			verdict = receive(wire, call);
			break;
		case RESP_BAD:
			return wire_fail(
			    wire, WIRE_BROKEN, "its reply makes no sense");
		}
	}
	return verdict;
}

/*
 * Reads one value for each queued command.  A server that admits no more
 * clients sends one error and closes, whatever was sent: that error is
 * reported, not the lost connection.
 */
static enum wire_verdict
read_values(
    struct wire *wire, const struct call *call, struct resp_value *values)
{
	enum wire_verdict verdict = WIRE_DONE;
	int read = 0;

	while (verdict == WIRE_DONE && read < wire->pending) {
		verdict = read_value(wire, call, &values[read]);
		read++;
	}
	if (verdict == WIRE_BROKEN && read > 1 && values[0].type == RESP_ERROR)
		return wire_fail(
		    wire, WIRE_BARRED, arena_cstr(call->arena, values[0].text));
	return verdict;
}

bool
wire_is_replica(const struct resp_value *hello)
{
	for (size_t i = 0; hello->type == RESP_LIST && i + 1 < hello->count;
	     i += 2)
		if (resp_is(&hello->items[i], STR("role")))
			return resp_is(&hello->items[i + 1], STR("replica")) ||
			       resp_is(&hello->items[i + 1], STR("slave"));
	return false;
}

bool
wire_is_old(const struct resp_value *hello)
{
	const int64_t version_min = 7;
	int64_t major;

	for (size_t i = 0; hello->type == RESP_LIST && i + 1 < hello->count;
	     i += 2) {
		struct str version = hello->items[i + 1].text;

		if (resp_is(&hello->items[i], STR("version")))
			return str_to_int(str_cut(&version, '.'), 0, INT64_MAX,
				   &major) &&
			       major < version_min;
	}
	return false;
}

/*
 * Reads the reply to HELLO.  A server that refuses or lacks HELLO counts as a
 * primary.  An error that concerns the connection (ERROR_LINK) is BARRED.
 */
static enum wire_verdict
read_role(struct wire *wire, const struct call *call)
{
	struct resp_value hello;
	enum wire_verdict verdict = read_value(wire, call, &hello);

	wire->owes_role = false;
	if (verdict != WIRE_DONE)
		return verdict;
	if (hello.type == RESP_ERROR && wire->pending > 0 &&
	    error_reply_meaning(hello.text) == ERROR_LINK)
		return wire_fail(
		    wire, WIRE_BARRED, arena_cstr(call->arena, hello.text));
	if (wire_is_replica(&hello) && !breaker_reads_replica(wire->breaker))
		return wire_fail(wire, WIRE_ELSEWHERE, "it is a replica");
	return WIRE_DONE;
}

enum wire_verdict
wire_converse(
    struct wire *wire, const struct call *call, struct resp_value *values)
{
	enum wire_verdict verdict;

	if (wire->is_short_of_memory)
		return wire_fail(wire, WIRE_SHORT, "no memory");
	verdict =
	    send_bytes(wire, (struct str){ wire->out, wire->out_len }, call);
	resp_set_space(wire->resp, RESP_SPACE);
	if (verdict == WIRE_BROKEN)
		verdict = WIRE_DONE; /* an error reply may be waiting */
	if (verdict == WIRE_DONE && wire->owes_role)
		verdict = read_role(wire, call);
	if (verdict == WIRE_DONE)
		verdict = read_values(wire, call, values);
	return verdict;
}

static void
add_handshake(struct wire *wire, struct arena *arena)
{
	const struct wire_login *login = &wire->login;
	struct buf number = buf_open(arena, 16);

	if (login->password != NULL && login->user != NULL)
		wire_add(wire, STR("AUTH"), str_from(login->user),
		    str_from(login->password));
	else if (login->password != NULL)
		wire_add(wire, STR("AUTH"), str_from(login->password));
	if (login->database != 0) {
		buf_add_int(&number, login->database);
		wire_add(wire, STR("SELECT"), buf_str(&number));
	}
}

/* Logs in.  The queued commands are kept for later. */
static enum wire_verdict
handshake(struct wire *wire, const struct call *call)
{
	struct resp_value values[HANDSHAKE_MAX];
	struct wire aside = *wire;
	enum wire_verdict verdict;

	wire->out = NULL;
	wire->out_len = wire->out_cap = 0;
	wire->pending = 0;
	add_handshake(wire, call->arena);
	verdict = wire_converse(wire, call, values);
	for (int i = 0; verdict == WIRE_DONE && i < wire->pending; i++)
		if (values[i].type == RESP_ERROR)
			verdict = wire_fail(wire, WIRE_BARRED,
			    arena_cstr(call->arena, values[i].text));
	wire_forget(wire);
	free(wire->out);
	wire->out = aside.out;
	wire->out_len = aside.out_len;
	wire->out_cap = aside.out_cap;
	wire->pending = aside.pending;
	wire->is_short_of_memory = aside.is_short_of_memory;
	return verdict;
}

enum wire_verdict
wire_connect_to(struct wire *wire, const struct call *call,
    const struct server_address *address)
{
	const struct call shorter = call_until(
	    call, clock_ms() + breaker_options(wire->breaker)->connect_ms);
	enum wire_verdict verdict = dial(
	    wire->breaker, &shorter, address, &wire->fd, &wire->tls, wire->why);

	if (verdict == WIRE_DONE) {
		wire->resp = resp_open();
		verdict = wire->resp != NULL
			      ? handshake(wire, &shorter)
			      : wire_fail(wire, WIRE_SHORT, "no memory");
	}
	if (verdict != WIRE_DONE)
		wire_disconnect(wire);
	return verdict;
}

/*
 * Sends HELLO; wire_converse reads its reply before that of the first command.
 * A broken connection counts as DONE here: wire_converse finds it, after an
 * error reply that may be waiting.
 */
static enum wire_verdict
send_hello(struct wire *wire, const struct call *call)
{
	static const char hello[] = "*2\r\n$5\r\nHELLO\r\n$1\r\n2\r\n";
	const struct str bytes = STR(hello);
	enum wire_verdict verdict = send_bytes(wire, bytes, call);

	wire->owes_role = true;
	return verdict == WIRE_BROKEN ? WIRE_DONE : verdict;
}

enum wire_verdict
wire_connect(struct wire *wire, const struct call *call)
{
	struct server_address address =
	    breaker_address(wire->breaker, &wire->epoch);
	enum wire_verdict verdict = wire_connect_to(wire, call, &address);

	if (verdict == WIRE_DONE)
		verdict = send_hello(wire, call);
	return verdict;
}

bool
wire_is_outdated(const struct wire *wire)
{
	return wire->epoch != breaker_epoch(wire->breaker);
}

enum wire_verdict
wire_take(struct wire *wire, struct arena *arena, struct resp_value *value)
{
	enum wire_verdict verdict = WIRE_DONE;

	while (verdict == WIRE_DONE) {
		switch (resp_next(wire->resp, arena, value)) {
		case RESP_VALUE:
			resp_set_space(wire->resp, RESP_SPACE);
			return WIRE_DONE;
		case RESP_MORE:
			verdict = receive_now(wire);
			break;
		case RESP_BAD:
			return wire_fail(
			    wire, WIRE_BROKEN, "what it says makes no sense");
		}
	}
	return verdict;
}

bool
wire_has_rest(const struct wire *wire)
{
	return wire->resp != NULL &&
	       (resp_has_rest(wire->resp) || tls_has_rest(wire->tls));
}

int
wire_fd(const struct wire *wire)
{
	return wire->fd;
}

int
wire_pending(const struct wire *wire)
{
	return wire->pending;
}

void
wire_describe(const struct wire *wire, int index, char *words, size_t size)
{
	resp_describe(
	    (struct str){ wire->out, wire->out_len }, index, words, size);
}

const char *
wire_why(const struct wire *wire)
{
	return wire->why;
}
