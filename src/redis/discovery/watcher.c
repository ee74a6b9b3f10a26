/* Asks one Sentinel, and reads its messages. */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/back_off.h"
#include "base/clock.h"
#include "base/thread.h"
#include "redis/discovery/watcher.h"
#include "redis/wire/wire.h"

enum { ASK_MS = 1000 };

struct watcher {
	struct watcher_options options;
	struct wire *asking, *subscribed;
	struct arena *arena;	/* memory of one exchange */
	struct arena *messages; /* memory of the message being read */
	struct back_off back_off;
	struct sentinel_answer answer;
	pthread_t thread;
};

static void
set_why(struct watcher *watcher, const char *why)
{
	watcher->answer = (struct sentinel_answer){ .state = SENTINEL_LOST };
	snprintf(watcher->answer.why, sizeof(watcher->answer.why), "%s", why);
}

/* Runs the queued commands, one reply each.  False: why has the reason. */
static bool
run_commands(
    struct watcher *watcher, struct wire *wire, struct resp_value *values)
{
	const struct call call = { .arena = watcher->arena,
		.deadline_ms =
		    clock_ms() +
		    breaker_options(watcher->options.breaker)->command_ms };
	enum wire_verdict verdict = wire_converse(wire, &call, values);

	wire_forget(wire);
	if (verdict == WIRE_DONE)
		return true;
	set_why(watcher, wire_why(wire));
	return false;
}

static bool
connect_link(struct watcher *watcher, struct wire *wire,
    const struct server_address *address)
{
	const struct call call = { .arena = watcher->arena,
		.deadline_ms = INT64_MAX };

	wire_disconnect(wire);
	if (wire_connect_to(wire, &call, address) == WIRE_DONE)
		return true;
	set_why(watcher, wire_why(wire));
	return false;
}

/*
 * Subscribes to the channels.  SUBSCRIBE has a reply for each channel; all but
 * the first are read with the messages.
 */
static bool
subscribe(struct watcher *watcher)
{
	struct resp_value value;

	wire_add(watcher->subscribed, STR("SUBSCRIBE"),
	    STR(SENTINEL_CHANNEL_SWITCH), STR(SENTINEL_CHANNEL_DOWN),
	    STR(SENTINEL_CHANNEL_UP), STR(SENTINEL_CHANNEL_PROMOTED),
	    STR(SENTINEL_CHANNEL_PROMOTING));
	if (!run_commands(watcher, watcher->subscribed, &value))
		return false;
	if (value.type != RESP_ERROR)
		return true;
	set_why(watcher, arena_cstr(watcher->arena, value.text));
	return false;
}

static bool
connect_links(struct watcher *watcher)
{
	struct server_address found[SERVER_ADDRESS_MAX];
	size_t count = server_address_resolve(
	    watcher->options.host.host, watcher->options.host.port, found);

	set_why(watcher, "its name cannot be resolved");
	arena_reset(watcher->arena);
	arena_reset(watcher->messages);
	for (size_t i = 0; i < count; i++)
		if (connect_link(watcher, watcher->asking, &found[i]) &&
		    connect_link(watcher, watcher->subscribed, &found[i]) &&
		    subscribe(watcher))
			return true;
	return false;
}

static bool
ask_primary(struct watcher *watcher)
{
	const struct breaker_options *options =
	    breaker_options(watcher->options.breaker);
	struct str name = str_from(options->url->primary);
	struct resp_value values[2];

	wire_add(watcher->asking, STR("SENTINEL"), STR("MASTER"), name);
	wire_add(watcher->asking, STR("SENTINEL"),
	    STR("GET-MASTER-ADDR-BY-NAME"), name);
	if (!run_commands(watcher, watcher->asking, values))
		return false;
	sentinel_reply_read(&values[0], &values[1], &watcher->answer);
	watcher->options.answered(
	    watcher->options.arg, watcher->options.number, &watcher->answer);
	return watcher->answer.state != SENTINEL_LOST;
}

/* Handles a message.  True: the Sentinel has to be asked now. */
static bool
hear(struct watcher *watcher, const struct resp_value *message)
{
	const struct breaker_options *options =
	    breaker_options(watcher->options.breaker);
	struct sentinel_answer replica;

	switch (sentinel_reply_event(
	    message, str_from(options->url->primary), &replica)) {
	case SENTINEL_SWITCH:
		return true;
	case SENTINEL_PROMOTING:
		watcher->options.promoting(
		    watcher->options.arg, replica.host, replica.port);
		return false;
	default:
		return false;
	}
}

/* Tests the subscribed link with PING.  False: it is lost. */
static bool
ping(struct watcher *watcher, bool *is_due)
{
	struct resp_value value;

	wire_add(watcher->subscribed, STR("PING"));
	if (!run_commands(watcher, watcher->subscribed, &value))
		return false;
	/* the PONG, or a message that came before it */
	*is_due = hear(watcher, &value);
	return true;
}

/* Reads what has arrived.  False: the link is lost. */
static bool
hear_all(struct watcher *watcher, bool *is_due)
{
	struct resp_value message;
	enum wire_verdict verdict;

	while ((verdict = wire_take(watcher->subscribed, watcher->messages,
		    &message)) == WIRE_DONE) {
		*is_due = hear(watcher, &message) || *is_due;
		arena_reset(watcher->messages);
	}
	if (verdict == WIRE_NOTHING)
		return true;
	set_why(watcher, wire_why(watcher->subscribed));
	return false;
}

/* Waits for input or a stop; true: a stop was requested. */
static bool
is_stopped(struct watcher *watcher, int fd, int64_t until_ms)
{
	struct pollfd pollers[] = {
		{ .fd = watcher->options.stop_fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	(void)!poll(pollers, 2, clock_left_ms(until_ms));
	return pollers[0].revents != 0;
}

/* Asks, then waits for messages.  False: a link is lost, or a stop. */
static bool
watch_once(struct watcher *watcher)
{
	int64_t due_ms = clock_ms() + ASK_MS;
	bool is_due = false;

	arena_reset(watcher->arena);
	if (!ask_primary(watcher) || !ping(watcher, &is_due))
		return false;
	back_off_reset(&watcher->back_off);
	while (!is_due && clock_ms() < due_ms) {
		if (is_stopped(watcher, wire_fd(watcher->subscribed), due_ms) ||
		    !hear_all(watcher, &is_due))
			return false;
	}
	return true;
}

static void *
watcher_thread(void *arg)
{
	struct watcher *watcher = arg;
	int64_t due_ms = 0;

	while (!is_stopped(watcher, -1, due_ms)) {
		if (connect_links(watcher))
			while (watch_once(watcher))
				;
		if (is_stopped(watcher, -1, 0))
			break;
		wire_disconnect(watcher->asking);
		wire_disconnect(watcher->subscribed);
		if (watcher->answer.state != SENTINEL_LOST)
			set_why(watcher, "the link was lost");
		watcher->options.answered(watcher->options.arg,
		    watcher->options.number, &watcher->answer);
		due_ms = clock_ms() + back_off_take(&watcher->back_off);
	}
	return NULL;
}

static void
watcher_free(struct watcher *watcher)
{
	wire_close(watcher->asking);
	wire_close(watcher->subscribed);
	arena_close(watcher->arena);
	arena_close(watcher->messages);
	free(watcher);
}

/* A link to a Sentinel logs in with the Sentinels' own user. */
static struct wire *
open_link(struct breaker *breaker)
{
	const struct breaker_options *options = breaker_options(breaker);
	const struct wire_login login = { options->sentinel_user,
		options->sentinel_password, 0 };
	struct wire *wire = wire_open(breaker);

	if (wire != NULL)
		wire_set_login(wire, &login);
	return wire;
}

struct watcher *
watcher_open(const struct watcher_options *options)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));

	if (watcher == NULL)
		return NULL;
	watcher->options = *options;
	watcher->asking = open_link(options->breaker);
	watcher->subscribed = open_link(options->breaker);
	watcher->arena = arena_open();
	watcher->messages = arena_open();
	if (watcher->asking != NULL && watcher->subscribed != NULL &&
	    watcher->arena != NULL && watcher->messages != NULL &&
	    thread_start(&watcher->thread, watcher_thread, watcher))
		return watcher;
	watcher_free(watcher);
	return NULL;
}

void
watcher_close(struct watcher *watcher)
{
	if (watcher == NULL)
		return;
	pthread_join(watcher->thread, NULL);
	watcher_free(watcher);
}
