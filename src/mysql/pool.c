/*
 * Runs one statement within its time, on any link.  slots.c lends the
 * links, connector.c opens them, sql.c uses one.
 */
#include "config.h"

#include <assert.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "mysql/connector.h"
#include "mysql/pool.h"
#include "mysql/slots.h"
#include "mysql/sql.h"
#include "mysql/statement.h"

#define LOCKED_PAUSE_MIN_MS 5
#define LOCKED_PAUSE_MAX_MS 20

struct pool {
	struct pool_options options;
	struct statement_plan plan;
	struct slots *slots;
	struct connector *connector;
};

/* One use of the pool: a statement, within its time. */
struct use {
	struct call *call;
	enum pool_statement which;
	const struct str *params;
	struct pool_row *row; /* for a SELECT */
	int64_t *affected;    /* for a change */
	bool is_under_way; /* the change was sent: a retry could do it twice */
	int64_t started_ms, deadline_ms;
	struct sql_error error; /* of the last attempt */
};

/* The number of retries after each verdict. */
static const int verdict_retries[] = {
	[SQL_LOST] = 1,
	[SQL_LOCKED] = 2,
	[SQL_ELSEWHERE] = 2,
	[SQL_OK] = 0,
};

static const enum result verdict_results[] = {
	[SQL_LOST] = RESULT_MYSQL_DOWN,
	[SQL_LATE] = RESULT_MYSQL_DOWN,
	[SQL_LOCKED] = RESULT_MYSQL_DOWN,
	[SQL_ELSEWHERE] = RESULT_MYSQL_DOWN,
	[SQL_REFUSED] = RESULT_MYSQL_DOWN, /* a grant or table may be missing */
	[SQL_BARRED] = RESULT_REFUSED,
	[SQL_UNFIT] = RESULT_BAD,
	[SQL_FAULT] = RESULT_FAULT,
	[SQL_MISS] = RESULT_MISS,
	[SQL_OK] = RESULT_OK,
};

/*
 * No link: the time is up, or the breaker has opened.  The breaker logs itself,
 * so the error text is empty then.
 */
static enum sql_verdict
no_link(struct use *use)
{
	if (clock_ms() < use->deadline_ms)
		return SQL_REFUSED;
	snprintf(use->error.text, sizeof(use->error.text),
	    "no link within the time");
	return SQL_LATE;
}

/* A link may have died while idle: ping it before a change is sent. */
static enum sql_verdict
change(struct sql_link *link, struct use *use)
{
	enum sql_verdict verdict = sql_ping(link, &use->error);

	if (verdict != SQL_OK)
		return verdict;
	use->is_under_way = true;
	return sql_change(
	    link, use->which, use->params, use->affected, &use->error);
}

static enum sql_verdict
run_on(struct sql_link *link, struct use *use)
{
	enum sql_verdict verdict = sql_check_writable(link, &use->error);

	if (verdict != SQL_OK)
		return verdict;
	if (use->affected != NULL)
		return change(link, use);
	return sql_select(link, use->which, use->params, use->call->arena,
	    use->row, &use->error);
}

static enum sql_verdict
try_once(struct pool *pool, struct use *use)
{
	struct slot *slot = slots_take(pool->slots, use->deadline_ms);
	enum sql_verdict verdict;

	use->error.text[0] = '\0';
	if (slot == NULL)
		return no_link(use);
	verdict = run_on(slot->link, use);
	if (verdict == SQL_ELSEWHERE)
		slots_leave(pool->slots, slot->server, use->error.text);
	slots_return(pool->slots, slot);
	return verdict;
}

/*
 * Gives the holder of the lock time.  Random, so that waiters do not retry
 * together.
 */
static void
pause_locked(int64_t deadline_ms)
{
	int64_t spread_ms = LOCKED_PAUSE_MAX_MS - LOCKED_PAUSE_MIN_MS;
	int pause_ms = LOCKED_PAUSE_MIN_MS + (int)(random() % spread_ms);
	int left_ms = clock_left_ms(deadline_ms);

	poll(NULL, 0, left_ms < pause_ms ? left_ms : pause_ms);
}

static bool
may_repeat(const struct use *use, enum sql_verdict verdict, int tries)
{
	if (verdict == SQL_LOST && use->is_under_way)
		return false;
	return tries < verdict_retries[verdict] &&
	       clock_ms() < use->deadline_ms;
}

static enum sql_verdict
try_all(struct pool *pool, struct use *use)
{
	enum sql_verdict verdict = SQL_LATE;

	for (int tries = 0;; tries++) {
		verdict = try_once(pool, use);
		if (!may_repeat(use, verdict, tries))
			break;
		if (verdict == SQL_LOCKED)
			pause_locked(use->deadline_ms);
	}
	if (verdict == SQL_LOST && clock_ms() >= use->deadline_ms)
		verdict = SQL_LATE; /* the watchdog has shut the late link */
	return verdict;
}

/*
 * A use that began with less than half of the time-out left does not count as a
 * time-out: it says nothing about the server.
 */
static void
count_verdict(
    struct pool *pool, const struct use *use, enum sql_verdict verdict)
{
	int64_t had_ms = use->deadline_ms - use->started_ms;

	if (verdict == SQL_LATE && had_ms >= pool->options.timeout_ms / 2)
		slots_timed_out(pool->slots);
	else if (verdict != SQL_LATE && verdict != SQL_LOST)
		slots_succeeded(pool->slots);
}

/* Without a text the breaker was open: its change of state was logged. */
static void
log_statement_failure(const struct use *use, enum log_level level)
{
	if (use->error.text[0] != '\0')
		log_event(level, "mysql statement failed",
		    log_text("reason", use->error.text), LOG_END);
}

static enum result
run_use(struct pool *pool, struct use *use)
{
	int64_t begun_us = clock_us();
	enum sql_verdict verdict = try_all(pool, use);
	enum result result = verdict_results[verdict];

	counter_observe_mysql(clock_us() - begun_us);
	count_verdict(pool, use, verdict);
	if (result == RESULT_MYSQL_DOWN || result == RESULT_REFUSED ||
	    result == RESULT_FAULT)
		counter_add_site(COUNTER_MYSQL_ERRORS, 1);
	if (result == RESULT_MYSQL_DOWN || result == RESULT_REFUSED)
		log_statement_failure(use, LOG_WARN);
	else if (result == RESULT_FAULT)
		log_statement_failure(use, LOG_ERROR);
	return result;
}

/* While the breaker is open a use takes no place, so that no queue forms. */
static enum result
pool_use(struct pool *pool, struct use *use)
{
	struct call *call = use->call;
	bool is_place_new = !place_is_held(call->claims, PLACE_SQL);
	enum result result;

	if (slots_breaker_is_open(pool->slots))
		return RESULT_MYSQL_DOWN;
	if (is_place_new && !place_take(call->claims, PLACE_SQL))
		return RESULT_FULL;
	use->started_ms = clock_ms();
	use->deadline_ms = use->started_ms + pool->options.timeout_ms;
	if (use->deadline_ms > call->deadline_ms)
		use->deadline_ms = call->deadline_ms;
	place_before_wait(call->claims);
	result = run_use(pool, use);
	if (is_place_new)
		place_give_back(call->claims, PLACE_SQL);
	return result;
}

enum result
pool_select(struct pool *pool, struct call *call, enum pool_statement which,
    const struct str *params, struct pool_row *row)
{
	struct use use = {
		.call = call, .which = which, .params = params, .row = row
	};

	return pool_use(pool, &use);
}

enum result
pool_change(struct pool *pool, struct call *call, enum pool_statement which,
    const struct str *params, int64_t *affected)
{
	struct use use = { .call = call,
		.which = which,
		.params = params,
		.affected = affected };

	assert(pool_has(pool, which));
	return pool_use(pool, &use);
}

bool
pool_has(const struct pool *pool, enum pool_statement which)
{
	return statement_plan_has(&pool->plan, which);
}

bool
pool_uses(const struct pool *pool, enum pool_statement which, int param)
{
	return statement_plan_uses(&pool->plan, which, param);
}

bool
pool_has_totp(const struct pool *pool)
{
	return atomic_load(&pool->slots->has_totp);
}

enum result
pool_probe(struct pool *pool, struct call *call, enum pool_statement which,
    const struct str *params, struct str *why)
{
	struct pool_row row;
	struct use use = {
		.call = call, .which = which, .params = params, .row = &row
	};
	enum result result = pool_use(pool, &use);

	if (result == RESULT_OK || result == RESULT_MISS)
		return RESULT_OK;
	if (result == RESULT_FULL)
		return RESULT_FULL;
	if (use.error.text[0] == '\0') /* the breaker was open, or opened */
		slots_why(pool->slots, use.error.text, sizeof(use.error.text));
	*why = str_from(arena_cstr(call->arena, str_from(use.error.text)));
	return RESULT_MYSQL_DOWN;
}

struct pool_gauges
pool_gauges(struct pool *pool)
{
	struct slots *slots = pool->slots;
	struct pool_gauges gauges;

	slots_lock(slots);
	gauges.is_known = slots->sql_breaker.state != SQL_BREAKER_STARTING;
	gauges.is_up = slots->sql_breaker.state == SQL_BREAKER_CLOSED;
	gauges.links =
	    slots_count(slots, SLOT_READY) + slots_count(slots, SLOT_BUSY);
	gauges.end_s = slots->certificate_end_s;
	slots_unlock(slots);
	return gauges;
}

void
pool_watch(struct pool *pool, int64_t now_ms)
{
	slots_watch(pool->slots, now_ms);
}

/* slots may be NULL: pool_open has failed. */
static void
free_pool(struct pool *pool)
{
	if (pool->slots != NULL)
		slots_close(pool->slots);
	statement_plan_close(&pool->plan);
	free(pool);
}

struct pool *
pool_open(const struct pool_options *options, char *why, size_t why_size)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	assert(options->connections > 0 && options->timeout_ms > 0);
	if (pool == NULL) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	pool->options = *options;
	if (!statement_plan_open(&pool->plan, &pool->options, why, why_size) ||
	    !sql_library_open(why, why_size))
		goto out;
	snprintf(why, why_size, "no memory or thread for MySQL");
	pool->slots = slots_open(&pool->plan);
	if (pool->slots == NULL)
		goto out;
	pool->connector = connector_open(pool->slots);
	if (pool->connector != NULL)
		return pool;
out:
	free_pool(pool);
	return NULL;
}

void
pool_stop(struct pool *pool)
{
	if (pool != NULL)
		connector_stop(pool->connector);
}

void
pool_close(struct pool *pool)
{
	if (pool != NULL && connector_close(pool->connector))
		free_pool(pool);
}

bool
pool_check(
    const struct pool_options *options, int server, char *why, size_t why_size)
{
	struct sql_error error = { 0 };
	struct statement_plan plan;
	struct sql_link *link = NULL;
	bool is_good = false;

	if (!statement_plan_open(&plan, options, why, why_size) ||
	    !sql_library_open(why, why_size))
		goto out;
	link = sql_connect(
	    &plan, server, clock_ms() + options->timeout_ms, &error);
	is_good = link != NULL && sql_prepare(link, &error) &&
		  sql_check_writable(link, &error) == SQL_OK &&
		  sql_try_changes(link, &error) &&
		  sql_check_active_type(link, &error);
	snprintf(why, why_size, "%s", error.text);
out:
	sql_close(link);
	statement_plan_close(&plan);
	return is_good;
}
