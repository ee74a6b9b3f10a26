/*
 * The loop of a worker thread: take a ready connection, read one whole request,
 * answer it with straight-line blocking code.
 *
 * worker_loop() below and app/route.c show the path of every request; read
 * these two first.  A request takes these steps:
 *
 *	worker_loop     the next connection with a whole request
 *	serve           decodes the request (fcgi/codec.h)
 *	dispatch        finds the site, calls route_dispatch (app/route.c)
 *	answer_request  RESULT_FULL: requeue; the request runs again later
 *	send_answer     sends the reply now, or at context.not_before_ms
 *
 * Lock order, outermost first; no lock but the log's is held across I/O:
 *	places, acceptor, crowd, buffer pool, breaker of Redis, pool of MySQL
 *	connections, job queues (hash pool, refresher), attempts, readiness,
 *	ends of sessions, invalidations of Redis, Sentinels, the session of
 *	TLS, a shard of the cache, the slowest hash, the log and its writer.
 */
#include "config.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "app/route.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "fcgi/records.h"
#include "redis/accounts.h"
#include "redis/limits.h"
#include "redis/resets.h"
#include "redis/sessions.h"
#include "redis/users.h"
#include "server/worker.h"

/*
 * Hook of place_before_wait: this thread is about to block.  Other workers take
 * over its pending connections and its leader permit.
 */
static void
before_wait(void *arg)
{
	struct worker *worker = arg;

	intake_accept_pending(&worker->intake);
	leader_yield(&worker->leader);
}

/*
 * LEASE_WAIT_MS: how long a request may wait in all for the lease of another.
 * LEASE_RETRY_MS: the interval at which it runs again meanwhile.
 */
enum { LEASE_WAIT_MS = 100, LEASE_RETRY_MS = 10 };

/*
 * Returns when (clock_ms) a requeued request runs again at the latest.  If it
 * waits for a lease (lacking is PLACE_NONE), that is LEASE_RETRY_MS from now.
 */
static int64_t
place_deadline_ms(const struct worker *worker, const struct conn *conn)
{
	const struct conf *conf = worker->shared->conf;
	int64_t wait_ms = conf->server_deadline_ms;

	if (worker->claims.lacking == PLACE_NONE)
		return clock_ms() + LEASE_RETRY_MS;
	if (worker->claims.lacking == PLACE_LOGIN)
		wait_ms = conf->login_hash_timeout_ms;
	if (worker->claims.lacking == PLACE_SQL)
		wait_ms = conf->mysql_timeout_ms;
	if (wait_ms > conf->server_deadline_ms)
		wait_ms = conf->server_deadline_ms;
	return conn->whole_ms + wait_ms;
}

/*
 * Makes the text of the answer.  An answer that is too long for its buffer is a
 * defect of this program, and becomes a 500: no truncated answer is sent.
 */
static struct reply_text
render(struct context *c)
{
	bool with_body = !str_eq(c->request->method, STR("HEAD"));
	struct reply_text text = reply_render(c->reply, with_body);

	if (!text.is_cut)
		return text;
	log_event(LOG_ERROR, "answer too long",
	    log_str("path", c->request->path), LOG_END);
	route_refuse(c, ANSWER_INTERNAL);
	return reply_render(c->reply, with_body);
}

static enum result
dispatch(struct worker *worker, struct context *c)
{
	const struct site *site =
	    sites_choose(worker->shared->sites, c->request->site);
	enum result result;

	if (site == NULL) {
		counter_set_site(-1);
		route_refuse_site(c);
		return RESULT_OK;
	}
	c->app = &site->app;
	c->stores = worker->sites[site->number].asked;
	worker->claims.site = site->number;
	log_set_site(site->app.conf->site);
	counter_set_site(site->number);
	result = route_dispatch(c);
	places_give_back(&worker->claims);
	log_set_site(NULL);
	return result;
}

/*
 * Makes the reply.  False: there is none yet.  The request waits for a place
 * and then runs again from its start, perhaps in another worker: the caller
 * must not touch conn.
 */
static bool
answer_request(struct worker *worker, struct conn *conn, struct context *c)
{
	if (dispatch(worker, c) != RESULT_FULL)
		return true;
	if (intake_requeue(
		&worker->intake, conn, place_deadline_ms(worker, conn)))
		return false;
	route_refuse(c, ANSWER_BUSY);
	return true;
}

/*
 * Sends the answer, or holds it back until not_before_ms.  If there is no
 * memory to hold it, it is sent at once.
 */
static void
send_answer(struct worker *worker, struct conn *conn, const struct context *c,
    struct str records)
{
	if (c->not_before_ms == 0 ||
	    !intake_hold(&worker->intake, conn, records, c->not_before_ms))
		intake_answer(&worker->intake, conn, records);
}

/*
 * Makes the answer and sends it.  The texts of the request belong to libfcgi
 * and to conn.  So they are not used after codec_done, and not after
 * send_answer, which gives conn away.
 */
static void
answer_and_send(struct worker *worker, struct conn *conn, struct context *c)
{
	struct reply_text text;
	struct str records;

	worker->claims.lacking = PLACE_NONE;
	if (!answer_request(worker, conn, c)) {
		codec_done(worker->codec);
		return;
	}
	text = render(c);
	tally_count(c);
	conn->role = tally_role(c);
	records = records_answer(worker->arena, conn->stream.id, &text);
	codec_done(worker->codec);
	send_answer(worker, conn, c, records);
}

/*
 * Serves the whole request of conn, which this worker owns.  intake_answer,
 * intake_hold or intake_requeue takes conn back.
 */
static void
serve(struct worker *worker, struct conn *conn)
{
	struct request request;
	struct reply reply = reply_open(worker->arena);
	struct call call = {
		.arena = worker->arena,
		.deadline_ms =
		    conn->whole_ms + worker->shared->conf->server_deadline_ms,
		.lease_wait_until_ms = conn->whole_ms + LEASE_WAIT_MS,
		.claims = &worker->claims,
	};
	struct context context = {
		.request = &request,
		.reply = &reply,
		.call = &call,
	};

	if (!codec_read(worker->codec, conn, worker->arena, &request)) {
		places_give_back(&worker->claims);
		log_event(LOG_ERROR, "request lost",
		    log_text("reason", "libfcgi refused it"), LOG_END);
		intake_answer(&worker->intake, conn, STR_NONE);
		return;
	}
	answer_and_send(worker, conn, &context);
}

/*
 * Serves the request and notes it for the watchdog.  Only this thread writes
 * served and busy_since_ms, so they need no atomic addition.  The watchdog may
 * see a change late.
 */
static void
serve_watched(struct worker *worker, struct conn *conn)
{
	unsigned int served =
	    atomic_load_explicit(&worker->served, memory_order_relaxed);

	atomic_store_explicit(
	    &worker->busy_since_ms, conn->whole_ms, memory_order_relaxed);
	serve(worker, conn);
	atomic_store_explicit(&worker->busy_since_ms, 0, memory_order_relaxed);
	atomic_store_explicit(
	    &worker->served, served + 1, memory_order_relaxed);
}

/*
 * Serves until the intake is finished.  Only waiting in epoll needs a leader
 * permit.  Connections that are already ready are served first, without one:
 * other workers wait for the permit.
 */
static void *
worker_loop(void *arg)
{
	struct worker *worker = arg;

	counters_attach();
	while (!intake_is_finished(worker->shared->intake)) {
		struct conn *conn = intake_next_ready(&worker->intake);

		if (conn == NULL) {
			leader_take(&worker->leader);
			conn = intake_wait(&worker->intake);
		}
		if (conn != NULL)
			serve_watched(worker, conn);
	}
	leader_yield(&worker->leader);
	atomic_fetch_sub(worker->shared->running, 1);
	return NULL;
}

static void
close_stores(struct site_stores *site)
{
	const struct stores *stores = &site->behind;

	caching_stores_close(site->caching_stores);
	if (stores->accounts != NULL)
		redis_accounts_close(stores->accounts);
	if (stores->limits != NULL)
		redis_limits_close(stores->limits);
	if (stores->resets != NULL)
		redis_resets_close(stores->resets);
	if (stores->users != NULL)
		redis_users_close(stores->users);
	if (stores->sessions != NULL)
		redis_sessions_close(stores->sessions);
}

void
worker_close(struct worker *worker)
{
	int count = sites_count(worker->shared->sites);

	for (int i = 0; worker->sites != NULL && i < count; i++)
		close_stores(&worker->sites[i]);
	free(worker->sites);
	link_close(worker->link);
	codec_close(worker->codec);
	arena_close(worker->arena);
}

/* Opens the site's stores in Redis, all over the worker's one connection. */
static bool
open_site_stores(struct stores *stores, struct link *link,
    const struct site *site, struct refresher *refresher)
{
	const struct conf *conf = site->app.conf;

	stores->sessions = redis_sessions_open(link, conf);
	stores->limits = redis_limits_open(link, conf);
	stores->resets = redis_resets_open(link, conf);
	stores->user_table = site->table;
	stores->users = redis_users_open(link, conf, site->table);
	stores->accounts =
	    redis_accounts_open(link, conf, site->table, refresher);
	return stores->sessions != NULL && stores->limits != NULL &&
	       stores->resets != NULL && stores->users != NULL &&
	       stores->accounts != NULL;
}

/* Opens the stores of a site, behind the cache if there is one. */
static bool
open_site(struct worker *worker, const struct site *site)
{
	struct site_stores *stores = &worker->sites[site->number];
	struct cache *cache = worker->shared->cache;

	if (!open_site_stores(
		&stores->behind, worker->link, site, worker->shared->refresher))
		return false;
	stores->asked = &stores->behind;
	if (cache == NULL)
		return true;
	stores->caching_stores =
	    caching_stores_open(cache, site->app.conf, &stores->behind);
	if (stores->caching_stores == NULL)
		return false;
	stores->asked = caching_stores_get(stores->caching_stores);
	return true;
}

static bool
open_sites(struct worker *worker)
{
	const struct sites *sites = worker->shared->sites;
	int count = sites_count(sites);

	worker->sites = calloc((size_t)count, sizeof(worker->sites[0]));
	if (worker->sites == NULL || worker->link == NULL)
		return false;
	for (int i = 0; i < count; i++)
		if (!open_site(worker, sites_at(sites, i)))
			return false;
	return true;
}

bool
worker_open(struct worker *worker, const struct worker_shared *shared)
{
	memset(worker, 0, sizeof(*worker));
	worker->shared = shared;
	worker->arena = arena_open();
	worker->codec = codec_open();
	worker->link = link_open(shared->breaker);
	worker->claims = (struct place_claims){ .places = shared->places,
		.before_wait = before_wait,
		.worker = worker };
	worker->leader.leaders = shared->leaders;
	worker->intake = (struct intake_worker){ .intake = shared->intake,
		.claims = &worker->claims,
		.arena = worker->arena };
	if (worker->arena != NULL && worker->codec != NULL &&
	    open_sites(worker))
		return true;
	worker_close(worker);
	return false;
}

bool
worker_start(struct worker *worker)
{
	atomic_fetch_add(worker->shared->running, 1);
	if (thread_start(&worker->thread, worker_loop, worker))
		return true;
	atomic_fetch_sub(worker->shared->running, 1);
	return false;
}
