/*
 * The loop of a worker: a ready connection, one whole request, an answer.
 *
 * Who reads worker_loop and app/route.c knows the program.
 *
 * Locks, outermost first; none is held across I/O:
 *	leaders, places, the listeners of the intake, its rooms, the breaker,
 *	the pool of SQL links, the jobs of the hash pool, the log.
 */
#include "config.h"

#include <stdatomic.h>
#include <string.h>

#include "app/route.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/wait.h"
#include "redis/accounts.h"
#include "redis/limits.h"
#include "redis/sessions.h"
#include "redis/users.h"
#include "server/worker.h"

/* A slow wait begins: another may lead meanwhile (base/wait.h). */
static void
lend_permit(void *arg)
{
	leader_yield(arg);
}

/*
 * How long a request may wait for another's lease in all, and how long until
 * it looks again.
 */
enum { PATIENCE_MS = 100, PATIENCE_STEP_MS = 10 };

/* Until when a request that found no place waits for one. */
static int64_t
place_deadline_ms(const struct worker *worker, const struct conn *conn)
{
	const struct conf *conf = worker->shared->app->conf;
	int64_t wait_ms = conf->server_deadline_ms;

	if (worker->desk.lacking == PLACE_KINDS)
		return clock_ms() + PATIENCE_STEP_MS;
	if (worker->desk.lacking == PLACE_HASH)
		wait_ms = conf->login_hash_timeout_ms;
	if (worker->desk.lacking == PLACE_SQL)
		wait_ms = conf->mysql_timeout_ms;
	if (wait_ms > conf->server_deadline_ms)
		wait_ms = conf->server_deadline_ms;
	return conn->whole_ms + wait_ms;
}

/* An answer that would be cut is a defect, and is not sent. */
static struct str
render(struct context *c)
{
	bool with_body = !str_eq(c->request->method, STR("HEAD"));
	struct buf text = reply_render(c->reply, with_body);

	if (text.is_full) {
		log_event(LOG_ERROR, "answer too long",
		    log_str("path", c->request->path), LOG_END);
		route_refuse(c, ANSWER_INTERNAL);
		text = reply_render(c->reply, with_body);
	}
	return buf_str(&text);
}

static void
serve(struct worker *worker, struct conn *conn)
{
	struct request request;
	struct reply reply = reply_open(worker->arena);
	struct call call = {
		.arena = worker->arena,
		.deadline_ms = conn->whole_ms +
			       worker->shared->app->conf->server_deadline_ms,
		.patience_ms = conn->whole_ms + PATIENCE_MS,
		.desk = &worker->desk,
	};
	struct context context = {
		.app = worker->shared->app,
		.request = &request,
		.reply = &reply,
		.call = &call,
		.stores = &worker->stores,
	};
	enum result result;

	if (!codec_read(worker->codec, conn, worker->arena, &request)) {
		log_event(LOG_ERROR, "request lost",
		    log_text("reason", "libfcgi refused it"), LOG_END);
		intake_done(&worker->seat, conn, false);
		return;
	}
	result = route_dispatch(&context);
	places_give_back(&worker->desk);
	if (result == RESULT_FULL) {
		if (intake_step_back(
			&worker->seat, conn, place_deadline_ms(worker, conn))) {
			codec_discard(worker->codec);
			return;
		}
		route_refuse(&context, ANSWER_BUSY);
	}
	intake_done(&worker->seat, conn,
	    codec_write(worker->codec, conn, render(&context)));
}

/*
 * A permit is needed to wait, not to work: what is at hand is served without
 * one, since others wait for it.
 */
static void *
worker_loop(void *arg)
{
	struct worker *worker = arg;

	wait_set_hook(lend_permit, &worker->leader);
	while (!intake_is_finished(worker->shared->intake)) {
		struct conn *conn = intake_at_hand(&worker->seat);

		if (conn == NULL) {
			leader_take(&worker->leader);
			conn = intake_wait(&worker->seat);
		}
		if (conn != NULL)
			serve(worker, conn);
	}
	leader_yield(&worker->leader);
	atomic_fetch_sub(worker->shared->running, 1);
	return NULL;
}

void
worker_close(struct worker *worker)
{
	if (worker->stores.accounts != NULL)
		redis_accounts_close(worker->stores.accounts);
	if (worker->stores.limits != NULL)
		redis_limits_close(worker->stores.limits);
	if (worker->stores.users != NULL)
		redis_users_close(worker->stores.users);
	if (worker->stores.sessions != NULL)
		redis_sessions_close(worker->stores.sessions);
	link_close(worker->link);
	codec_close(worker->codec);
	arena_close(worker->arena);
}

bool
worker_open(struct worker *worker, const struct worker_shared *shared)
{
	const struct conf *conf = shared->app->conf;

	memset(worker, 0, sizeof(*worker));
	worker->shared = shared;
	worker->arena = arena_open();
	worker->codec = codec_open();
	worker->link = link_open(shared->breaker);
	worker->stores.sessions = redis_sessions_open(worker->link, conf);
	worker->stores.limits = redis_limits_open(worker->link, conf);
	worker->stores.users =
	    redis_users_open(worker->link, conf, shared->table);
	worker->stores.accounts =
	    redis_accounts_open(worker->link, conf, shared->table);
	worker->desk.places = shared->places;
	worker->leader.leaders = shared->leaders;
	worker->seat = (struct intake_seat){ .intake = shared->intake,
		.desk = &worker->desk,
		.arena = worker->arena };
	if (worker->arena != NULL && worker->codec != NULL &&
	    worker->link != NULL && worker->stores.sessions != NULL &&
	    worker->stores.users != NULL && worker->stores.limits != NULL &&
	    worker->stores.accounts != NULL)
		return true;
	worker_close(worker);
	return false;
}

bool
worker_start(struct worker *worker)
{
	atomic_fetch_add(worker->shared->running, 1);
	if (pthread_create(&worker->thread, NULL, worker_loop, worker) == 0)
		return true;
	atomic_fetch_sub(worker->shared->running, 1);
	return false;
}
