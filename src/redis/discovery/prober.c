/* Searches the primary and reports to the breaker. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/back_off.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "redis/discovery/finder.h"
#include "redis/discovery/probe.h"
#include "redis/discovery/prober.h"
#include "redis/discovery/repeat.h"
#include "redis/wire/wire.h"

enum {
	START_TRIES = 3, /* for a busy machine; nothing is served yet */
	PROBE_MS = 1000, /* between two probes while all is well */
	AWAITED_MS = 20, /* while a link waits, or a promotion goes on */
	DOWN_MS = 100,	 /* for a server that Sentinels call down */
	GAP_MS = 10	 /* minimum between two probes */
};

struct prober {
	struct breaker *breaker;
	struct finder *finder;
	struct wire *kept;  /* to the current server */
	struct wire *other; /* to a candidate */
	struct arena *arena;
	struct server_address address; /* of the kept wire */
	bool is_settled;	       /* the last probe found a primary */
	struct repeat repeat;
	pthread_t thread;
	struct back_off back_off;
};

static enum breaker_server
probe_over(struct prober *prober, struct wire *wire, int64_t wait_ms,
    struct finding *finding)
{
	return probe_ask(&(struct probe){ .breaker = prober->breaker,
			     .finder = prober->finder,
			     .arena = prober->arena },
	    wire, wait_ms, finding);
}

/* Probes over the existing link; closes it if that fails. */
static enum breaker_server
ask_kept(struct prober *prober, bool is_asked, struct finding *finding)
{
	int64_t command_ms = breaker_options(prober->breaker)->command_ms;
	int64_t wait_ms = is_asked || command_ms > PROBE_MS
			      ? command_ms
			      : PROBE_MS; /* no link waits for it */

	if (wire_fd(prober->kept) < 0)
		return finding_set(
		    finding, BREAKER_AWAY, "it is not connected");
	finding->address = prober->address;
	if (probe_over(prober, prober->kept, wait_ms, finding) == BREAKER_AWAY)
		wire_disconnect(prober->kept);
	return finding->server;
}

/*
 * Returns the time (ms) that a server may take to answer.  A frozen server
 * takes all of it, while links wait for the prober to find its successor.  So a
 * server that is known to be down gets less: DOWN_MS, for the connect as well.
 * Otherwise connect_timeout bounds the connect.
 */
static int64_t
answer_wait_ms(const struct prober *prober)
{
	int64_t command_ms = breaker_options(prober->breaker)->command_ms;

	if (command_ms > DOWN_MS && breaker_is_open(prober->breaker) &&
	    finder_is_down(prober->finder))
		return DOWN_MS;
	return command_ms;
}

static enum breaker_server
ask_there(struct prober *prober, const struct server_address *address,
    struct finding *finding)
{
	int64_t wait_ms = answer_wait_ms(prober);
	const struct call call = { .arena = prober->arena,
		.deadline_ms =
		    wait_ms == DOWN_MS ? clock_ms() + DOWN_MS : INT64_MAX };
	struct wire *wire = prober->other;

	*finding = (struct finding){ .address = *address, .is_new = true };
	wire_disconnect(wire);
	if (wire_connect_to(wire, &call, address) != WIRE_DONE)
		return finding_set(finding, BREAKER_AWAY, wire_why(wire));
	return probe_over(prober, wire, wait_ms, finding);
}

/* Makes the other link the kept one, and closes the link kept before. */
static void
keep_other(struct prober *prober, const struct server_address *address)
{
	struct wire *kept = prober->kept;

	prober->kept = prober->other;
	prober->other = kept;
	prober->address = *address;
	wire_disconnect(kept);
}

/* Tries each address that is found until one leads to a primary. */
static void
search(struct prober *prober, struct finding *best)
{
	struct server_address found[SERVER_ADDRESS_MAX];
	char why[WIRE_WHY_MAX] = "";
	size_t count = finder_find(prober->finder, found, why, sizeof(why));
	struct finding there;

	if (count == 0 && best->server == BREAKER_AWAY)
		finding_set(best, BREAKER_AWAY, why);
	for (size_t i = 0; i < count && best->server != BREAKER_PRIMARY; i++) {
		enum breaker_server server =
		    ask_there(prober, &found[i], &there);

		if (server > best->server) {
			*best = there;
			keep_other(prober, &there.address);
		} else if (server == BREAKER_AWAY && best->server == server) {
			*best = there;
		}
	}
	wire_disconnect(prober->other);
}

/* Repeats ends on the kept wire.  A server that fails in it counts as away. */
static void
repeat(struct prober *prober, struct finding *finding)
{
	char why[WIRE_WHY_MAX];

	prober->repeat.wire = prober->kept;
	if (repeat_ends(&prober->repeat, why))
		return;
	wire_disconnect(prober->kept);
	finding_set(finding, BREAKER_AWAY, why);
}

/*
 * Reports a finding to the breaker.  Ends are repeated before links are allowed
 * to ask a server that may be another one.  Until then links ask the former
 * server; the ends that they note meanwhile are repeated after the report.
 */
static void
report(struct prober *prober, unsigned int epoch, struct finding *finding)
{
	bool is_other = finding->server == BREAKER_PRIMARY &&
			(finding->is_new || !prober->is_settled ||
			    repeat_is_due(&prober->repeat));
	struct breaker_report report = { .epoch = epoch,
		.address = finding->address,
		.is_new = finding->is_new,
		.reason = finding->why };

	prober->repeat.number = 0;
	if (is_other)
		repeat(prober, finding);
	report.server = finding->server;
	breaker_probed(prober->breaker, &report);
	if (is_other && finding->server == BREAKER_PRIMARY)
		repeat(prober, finding);
	repeat_release(&prober->repeat);
	prober->is_settled = finding->server == BREAKER_PRIMARY;
}

/*
 * Asks a replica that is being promoted whether it has become the primary.
 * True: no other server is to be asked in this probe.
 *
 * The current server may be alive and call itself the primary for a second
 * more, so it is asked as well.  If it is lost (the breaker is open) it is not
 * asked meanwhile: it may be frozen, and each question would take its time-out.
 */
static bool
ask_promoted(struct prober *prober, struct finding *finding)
{
	struct finding there;
	struct server_address promoted;

	if (breaker_options(prober->breaker)->takes_replica ||
	    !finder_promoted(prober->finder, &promoted))
		return false;
	if (ask_there(prober, &promoted, &there) != BREAKER_PRIMARY) {
		finding_set(
		    finding, BREAKER_AWAY, "a replica is being promoted");
		return breaker_is_open(prober->breaker);
	}
	finder_follow_promoted(prober->finder);
	keep_other(prober, &promoted);
	*finding = there;
	return true;
}

/*
 * Probes once.  If a probe that nobody asked for gets no answer while the
 * breaker is closed, that is not reported: links notice a failure themselves.
 */
static enum breaker_server
probe(struct prober *prober, bool is_asked)
{
	struct breaker *breaker = prober->breaker;
	struct finding finding = { .server = BREAKER_AWAY };
	unsigned int epoch = breaker_epoch(breaker);

	arena_reset(prober->arena);
	if (!breaker_is_closed(breaker) ||
	    !finder_names(prober->finder, &prober->address))
		wire_disconnect(prober->kept);
	if (!ask_promoted(prober, &finding) &&
	    ask_kept(prober, is_asked, &finding) != BREAKER_PRIMARY)
		search(prober, &finding);
	if (finding.server != BREAKER_AWAY || is_asked ||
	    !breaker_is_closed(breaker))
		report(prober, epoch, &finding);
	return finding.server;
}

static int64_t
next_pause_ms(struct prober *prober, enum breaker_server server)
{
	struct server_address promoted;

	if (server == BREAKER_PRIMARY)
		back_off_reset(&prober->back_off);
	if (finder_promoted(prober->finder, &promoted))
		return AWAITED_MS;
	if (server == BREAKER_PRIMARY)
		return PROBE_MS;
	if (breaker_is_awaited(prober->breaker))
		return AWAITED_MS;
	return back_off_take(&prober->back_off);
}

static enum breaker_server
probe_at_start(struct prober *prober)
{
	struct finding finding = { .server = BREAKER_AWAY };
	unsigned int epoch = breaker_epoch(prober->breaker);

	for (int i = 0; finding.server == BREAKER_AWAY && i < START_TRIES; i++)
		search(prober, &finding);
	report(prober, epoch, &finding);
	return finding.server;
}

/*
 * Logs certificates that are about to expire, once a day.  First connects over
 * another link, to see the current certificate of the server.
 */
static void
log_expiring(struct prober *prober)
{
	const struct call call = { .arena = prober->arena,
		.deadline_ms = INT64_MAX };
	struct tls *tls = breaker_tls(prober->breaker);
	struct tls_expiry found[TLS_CERTIFICATES];
	size_t count;

	if (tls == NULL || !breaker_is_closed(prober->breaker) ||
	    !tls_take_expiry_notice(tls))
		return;
	(void)!wire_connect_to(prober->other, &call, &prober->address);
	wire_disconnect(prober->other);
	count = tls_expiring(tls, found);
	for (size_t i = 0; i < count; i++)
		log_event(LOG_WARN, "redis certificate expires",
		    log_text("whose", found[i].whose),
		    log_text("at", found[i].date),
		    log_num("days", found[i].days), LOG_END);
}

static bool
has_opened(const struct breaker *breaker, bool was_closed)
{
	return was_closed && breaker_is_open(breaker);
}

/*
 * Waits until due_ms or until a probe is requested.  If the breaker has opened
 * meanwhile, waits for the first pause of the back-off after that.  False:
 * breaker_stop was called.
 */
static bool
rest(struct prober *prober, int64_t due_ms, bool was_closed, bool *is_asked)
{
	struct breaker *breaker = prober->breaker;

	*is_asked = false;
	if (!breaker_pause(breaker, clock_ms() + GAP_MS))
		return false;
	if (!has_opened(breaker, was_closed) &&
	    !breaker_wait(breaker, due_ms, is_asked))
		return false;
	return !has_opened(breaker, was_closed) ||
	       breaker_pause(
		   breaker, clock_ms() + back_off_take(&prober->back_off));
}

/* A pause counts from the start of the previous probe, which may take long. */
static void *
prober_thread(void *arg)
{
	struct prober *prober = arg;
	struct breaker *breaker = prober->breaker;
	int64_t begun_ms = clock_ms();
	enum breaker_server server = probe_at_start(prober);

	while (true) {
		bool was_closed =
		    server == BREAKER_PRIMARY || breaker_is_closed(breaker);
		int64_t pause_ms = next_pause_ms(prober, server);
		bool is_asked;

		log_expiring(prober);
		if (!rest(prober, begun_ms + pause_ms, was_closed, &is_asked))
			return NULL;
		begun_ms = clock_ms();
		server = probe(prober, is_asked);
	}
}

static void
prober_free(struct prober *prober)
{
	finder_close(prober->finder);
	wire_close(prober->kept);
	wire_close(prober->other);
	arena_close(prober->arena);
	free(prober);
}

/* Creates the prober without its thread. */
static struct prober *
prober_new(struct breaker *breaker)
{
	struct prober *prober = calloc(1, sizeof(*prober));

	if (prober == NULL)
		return NULL;
	prober->breaker = breaker;
	prober->finder = finder_open(breaker);
	prober->kept = wire_open(breaker);
	prober->other = wire_open(breaker);
	prober->arena = arena_open();
	repeat_init(&prober->repeat, breaker_options(breaker), prober->arena);
	if (prober->finder != NULL && prober->kept != NULL &&
	    prober->other != NULL && prober->arena != NULL)
		return prober;
	prober_free(prober);
	return NULL;
}

struct prober *
prober_open(struct breaker *breaker)
{
	const struct redis_url *url = breaker_options(breaker)->url;
	struct prober *prober = prober_new(breaker);

	if (prober == NULL)
		return NULL;
	log_event(LOG_INFO, "redis connecting",
	    log_text("server", url_redis_name(url)), LOG_END);
	if (url->is_tls &&
	    breaker_options(breaker)->tls.verify == CONF_TLS_VERIFY_OFF)
		log_event(LOG_WARN, "redis unverified",
		    log_text("server", url_redis_name(url)),
		    log_text("reason", "tls_verify = off"), LOG_END);
	if (thread_start(&prober->thread, prober_thread, prober))
		return prober;
	prober_free(prober);
	return NULL;
}

void
prober_close(struct prober *prober)
{
	if (prober == NULL)
		return;
	breaker_stop(prober->breaker);
	pthread_join(prober->thread, NULL);
	prober_free(prober);
}

bool
prober_try(struct breaker *breaker, char *why, size_t size)
{
	struct prober *prober = prober_new(breaker);
	struct finding finding = { .server = BREAKER_AWAY };
	unsigned int epoch = breaker_epoch(breaker);

	snprintf(why, size, "no memory");
	if (prober == NULL)
		return false;
	search(prober, &finding);
	if (finding.server == BREAKER_PRIMARY)
		report(prober, epoch, &finding);
	snprintf(why, size, "%s", finding.why);
	prober_free(prober);
	return finding.server == BREAKER_PRIMARY;
}
