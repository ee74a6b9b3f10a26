/* Keeps client-side caching working, and proves it with probes. */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/back_off.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "redis/wire/error_reply.h"
#include "redis/tracking/invalidations.h"
#include "redis/tracking/tracker.h"
#include "redis/wire/wire.h"
#include "secret/token.h"
#include "store/keys.h"

enum {
	PROBES_IN_PROOF = 3,
	PROBE_LIFE_MS = 60000,
	ADMIT_MS = 100,	       /* how often the breaker is checked */
	PAUSE_LAST_MS = 60000, /* where Redis refuses to track */
	FAILURES_LOGGED = 3,   /* in a row, while the breaker is closed */
	PROCESS_LEN = 16
};

/* The last state that was logged. */
enum logged { LOGGED_NOTHING, LOGGED_READY, LOGGED_LOST, LOGGED_REFUSED };

struct tracker {
	struct tracker_options options;
	struct invalidations *invalidations;
	struct wire *wire;   /* the link that tracks */
	struct arena *names; /* holds the keys below */
	struct str probe_key;
	struct str *key_prefixes; /* prefixes of the tracked keys */
	size_t key_prefix_count;
	struct arena *arena; /* memory of one exchange */
	pthread_t thread;
	int stop_fd;		    /* readable: stop was requested */
	_Atomic unsigned int epoch; /* the breaker's, when tracking began */

	/* used by the thread only */
	int64_t sent_ms; /* the last probe */
	int failures;	 /* in a row */
	struct back_off back_off;
	enum logged logged;
	char why[WIRE_WHY_MAX];
};

static bool
is_proved(const struct tracker *tracker)
{
	return invalidations_proved_ms(tracker->invalidations) >=
	       tracker->sent_ms;
}

/* The callback of cache_trust; called by any thread. */
static bool
is_current(void *arg, int64_t now_ms)
{
	struct tracker *tracker = arg;

	return invalidations_proved_ms(tracker->invalidations) +
		       tracker->options.proof_ms >=
		   now_ms &&
	       atomic_load(&tracker->epoch) ==
		   breaker_epoch(tracker->options.breaker) &&
	       invalidations_catch_up(tracker->invalidations);
}

static bool
tracker_fail(struct tracker *tracker, const char *why)
{
	snprintf(tracker->why, sizeof(tracker->why), "%s", why);
	return false;
}

/* Waits for input on the links or for a stop; false: a stop was requested. */
static bool
wait_until(struct tracker *tracker, int64_t until_ms)
{
	struct pollfd pollers[] = {
		{ .fd = tracker->stop_fd, .events = POLLIN },
		{ .fd = invalidations_fd(tracker->invalidations),
		    .events = POLLIN },
		{ .fd = wire_fd(tracker->wire), .events = POLLIN },
	};

	(void)!poll(pollers, 3, clock_left_ms(until_ms));
	return pollers[0].revents == 0;
}

/*
 * Reports an error reply to the breaker.  A refused command is not temporary,
 * so it counts as FAILURES_LOGGED failures at once.
 */
static bool
fail_by(struct tracker *tracker, struct str text)
{
	switch (error_reply_meaning(text)) {
	case ERROR_ELSEWHERE:
	case ERROR_LINK:
		breaker_suspect(tracker->options.breaker);
		break;
	case ERROR_SERVER:
		breaker_refused(
		    tracker->options.breaker, arena_cstr(tracker->arena, text));
		break;
	default:
		tracker->failures += FAILURES_LOGGED;
		break;
	}
	return tracker_fail(tracker, arena_cstr(tracker->arena, text));
}

/* Runs the queued commands until deadline_ms; an error reply is a failure. */
static bool
ask_tracking(struct tracker *tracker, int64_t deadline_ms)
{
	int count = wire_pending(tracker->wire);
	struct resp_value *values =
	    arena_alloc(tracker->arena, (size_t)count * sizeof(values[0]));
	const struct call call = { .arena = tracker->arena,
		.deadline_ms = deadline_ms };
	enum wire_verdict verdict = wire_converse(tracker->wire, &call, values);

	wire_forget(tracker->wire);
	if (verdict != WIRE_DONE)
		return tracker_fail(tracker, wire_why(tracker->wire));
	for (int i = 0; i < count; i++)
		if (values[i].type == RESP_ERROR)
			return fail_by(tracker, values[i].text);
	return true;
}

/*
 * Queues one command for one prefix: there may be too many for one command.
 * Redis tracks the prefixes of all commands.
 */
static void
add_tracking(struct tracker *tracker, struct str id, struct str prefix)
{
	wire_add(tracker->wire, STR("CLIENT"), STR("TRACKING"), STR("ON"),
	    STR("REDIRECT"), id, STR("BCAST"), STR("PREFIX"), prefix);
}

/*
 * Opens both links, then flushes the cache: all that is stored from here on is
 * tracked.  NOLOOP is never used: the probe's own invalidation would not
 * arrive.
 */
static bool
start_tracking(struct tracker *tracker)
{
	const struct call call = { .arena = tracker->arena,
		.deadline_ms = INT64_MAX };
	struct str id_text;
	int64_t id;

	atomic_store(&tracker->epoch, breaker_epoch(tracker->options.breaker));
	id = invalidations_connect(tracker->invalidations);
	if (id == 0)
		return tracker_fail(
		    tracker, invalidations_why(tracker->invalidations));
	if (wire_connect(tracker->wire, &call) != WIRE_DONE)
		return tracker_fail(tracker, wire_why(tracker->wire));
	invalidations_watch(tracker->invalidations, wire_fd(tracker->wire));
	id_text = buf_int_str(tracker->arena, id);
	add_tracking(tracker, id_text, tracker->probe_key);
	for (size_t i = 0; i < tracker->key_prefix_count; i++)
		add_tracking(tracker, id_text, tracker->key_prefixes[i]);
	if (!ask_tracking(tracker,
		clock_ms() +
		    breaker_options(tracker->options.breaker)->command_ms))
		return false;
	cache_flush(tracker->options.cache);
	return true;
}

static bool
send_probe(struct tracker *tracker)
{
	arena_reset(tracker->arena);
	tracker->sent_ms = clock_ms();
	invalidations_expect_probe(tracker->invalidations, tracker->sent_ms);
	wire_add(tracker->wire, STR("SET"), tracker->probe_key,
	    buf_int_str(tracker->arena, (int64_t)time(NULL)), STR("PX"),
	    buf_int_str(tracker->arena, PROBE_LIFE_MS));
	return ask_tracking(
	    tracker, tracker->sent_ms + tracker->options.proof_ms);
}

/*
 * True while the link that tracks is open.  Between two commands no reply is
 * expected on it, only the end of the connection.
 */
static bool
tracking_link_lives(struct tracker *tracker)
{
	struct resp_value value;

	switch (wire_take(tracker->wire, tracker->arena, &value)) {
	case WIRE_NOTHING:
		return true;
	case WIRE_DONE:
		return tracker_fail(tracker, "it answers what nobody asked");
	default:
		return tracker_fail(tracker, wire_why(tracker->wire));
	}
}

/* True if tracking works.  False: tracker->why is the reason. */
static bool
is_well(struct tracker *tracker)
{
	int64_t now_ms = clock_ms();

	(void)invalidations_catch_up(tracker->invalidations);
	if (invalidations_is_lost(tracker->invalidations))
		return tracker_fail(
		    tracker, invalidations_why(tracker->invalidations));
	if (!tracking_link_lives(tracker))
		return false;
	if (!is_proved(tracker) &&
	    now_ms >= tracker->sent_ms + tracker->options.proof_ms)
		return tracker_fail(tracker, "it does not tell of changes");
	if (tracker->epoch != breaker_epoch(tracker->options.breaker))
		return tracker_fail(tracker, "redis has moved");
	if (!breaker_is_closed(tracker->options.breaker))
		return tracker_fail(tracker, "redis is lost");
	return true;
}

static void
log_change(struct tracker *tracker, enum logged logged)
{
	enum logged before = tracker->logged;

	tracker->logged = logged;
	if (logged == before)
		return;
	if (logged == LOGGED_READY)
		log_event(LOG_INFO, "cache ready", LOG_END);
	else
		log_event(LOG_WARN,
		    logged == LOGGED_LOST ? "cache lost" : "cache refused",
		    log_text("reason", tracker->why), LOG_END);
}

/*
 * Sends probes until tracking fails.  True: it failed.  False: a stop was
 * requested.
 */
static bool
watch(struct tracker *tracker)
{
	int64_t pause_ms = tracker->options.proof_ms / PROBES_IN_PROOF;

	while (send_probe(tracker)) {
		int64_t due_ms = tracker->sent_ms + pause_ms;

		while (!is_proved(tracker) || clock_ms() < due_ms) {
			int64_t late_ms = clock_ms() + pause_ms / 8 + 1;

			if (!wait_until(
				tracker, late_ms > due_ms ? late_ms : due_ms))
				return false;
			if (!is_well(tracker))
				return true;
			if (is_proved(tracker)) {
				log_change(tracker, LOGGED_READY);
				tracker->failures = 0;
				back_off_reset(&tracker->back_off);
			}
		}
	}
	return true;
}

static void
stop_tracking(struct tracker *tracker)
{
	invalidations_drop(tracker->invalidations);
	invalidations_watch(tracker->invalidations, -1);
	wire_disconnect(tracker->wire);
	arena_reset(tracker->arena);
}

/*
 * Logs "cache lost" at once, and "cache refused" after FAILURES_LOGGED failures
 * unless Redis itself is down.
 */
static void
log_tracking_failure(struct tracker *tracker)
{
	tracker->failures++;
	if (tracker->logged == LOGGED_READY)
		log_change(tracker, LOGGED_LOST);
	else if (tracker->failures >= FAILURES_LOGGED &&
		 breaker_is_closed(tracker->options.breaker))
		log_change(tracker, LOGGED_REFUSED);
}

static void *
tracker_thread(void *arg)
{
	struct tracker *tracker = arg;
	int64_t due_ms = 0;
	bool goes_on = true;

	while (goes_on) {
		bool is_due = clock_ms() >= due_ms ||
			      atomic_load(&tracker->epoch) !=
				  breaker_epoch(tracker->options.breaker);

		const struct call call = { .deadline_ms =
					       clock_ms() + ADMIT_MS };

		if (is_due && breaker_admits(tracker->options.breaker, &call)) {
			if (start_tracking(tracker))
				goes_on = watch(tracker);
			stop_tracking(tracker);
			if (goes_on)
				log_tracking_failure(tracker);
			due_ms = clock_ms() + back_off_take(&tracker->back_off);
		}
		goes_on = goes_on && wait_until(tracker, clock_ms() + ADMIT_MS);
	}
	return NULL;
}

static bool
name_keys(struct tracker *tracker)
{
	const struct tracker_options *options = &tracker->options;
	char process[TOKEN_LEN + 1];

	if (!token_new(process))
		return false;
	tracker->probe_key = keys_probe(tracker->names, options->prefixes[0],
	    (struct str){ process, PROCESS_LEN });
	tracker->key_prefix_count = options->prefix_count * KEYS_CACHED;
	tracker->key_prefixes = arena_alloc(
	    tracker->names, tracker->key_prefix_count * sizeof(struct str));
	for (size_t i = 0; i < options->prefix_count; i++)
		keys_cached(tracker->names, options->prefixes[i],
		    &tracker->key_prefixes[i * KEYS_CACHED]);
	return true;
}

static void
tracker_free(struct tracker *tracker)
{
	invalidations_close(tracker->invalidations);
	wire_close(tracker->wire);
	arena_close(tracker->arena);
	arena_close(tracker->names);
	if (tracker->stop_fd >= 0)
		close(tracker->stop_fd);
	free(tracker);
}

/* Creates the tracker without its thread. */
static struct tracker *
tracker_new(const struct tracker_options *options)
{
	struct tracker *tracker = calloc(1, sizeof(*tracker));

	if (tracker == NULL)
		return NULL;
	tracker->options = *options;
	tracker->back_off.last_ms = PAUSE_LAST_MS;
	tracker->stop_fd = eventfd(0, EFD_CLOEXEC);
	tracker->arena = arena_open();
	tracker->names = arena_open();
	tracker->wire = wire_open(options->breaker);
	if (tracker->arena != NULL && tracker->names != NULL &&
	    tracker->wire != NULL && tracker->stop_fd >= 0 &&
	    name_keys(tracker))
		tracker->invalidations = invalidations_open(
		    options->breaker, options->cache, tracker->probe_key);
	if (tracker->invalidations != NULL)
		return tracker;
	tracker_free(tracker);
	return NULL;
}

struct tracker *
tracker_open(const struct tracker_options *options)
{
	struct tracker *tracker = tracker_new(options);

	if (tracker == NULL)
		return NULL;
	if (thread_start(&tracker->thread, tracker_thread, tracker)) {
		cache_trust(options->cache, is_current, tracker);
		return tracker;
	}
	tracker_free(tracker);
	return NULL;
}

static bool
await_proof(struct tracker *tracker)
{
	int64_t until_ms = tracker->sent_ms + tracker->options.proof_ms;

	while (!is_proved(tracker) && clock_ms() < until_ms) {
		(void)!wait_until(tracker, until_ms);
		if (!is_well(tracker))
			return false;
	}
	return is_proved(tracker) ||
	       tracker_fail(tracker, "it does not tell of changes");
}

bool
tracker_try(const struct tracker_options *options, char *why, size_t size)
{
	struct tracker *tracker = tracker_new(options);
	bool works;

	snprintf(why, size, "no memory");
	if (tracker == NULL)
		return false;
	works = start_tracking(tracker) && send_probe(tracker) &&
		await_proof(tracker);
	snprintf(why, size, "%s", tracker->why);
	stop_tracking(tracker);
	tracker_free(tracker);
	return works;
}

void
tracker_close(struct tracker *tracker)
{
	if (tracker == NULL)
		return;
	(void)!eventfd_write(tracker->stop_fd, 1);
	pthread_join(tracker->thread, NULL);
	cache_trust(tracker->options.cache, NULL, NULL);
	tracker_free(tracker);
}
