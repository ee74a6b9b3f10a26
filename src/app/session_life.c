/*
 * The lifetime of sessions, and when their use is written to Redis.  Such
 * writes are rare, because each one invalidates the cached session in every
 * process.
 */
#include "config.h"

#include <stdlib.h>

#include "app/session_life.h"

enum {
	TOUCH_MS = 60000,  /* time between two touches, by default */
	IDLE_PARTS = 10,   /* of the idle time; one is the touch interval */
	IDLE_PARTS_MIN = 3 /* IDLE_PARTS for a short idle time */
};

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
session_life_whole_ms(const struct conf *conf, bool is_remembered)
{
	if (is_remembered)
		return conf->session_life_ms;
	return smaller(conf->session_short_ms, conf->session_life_ms);
}

int64_t
session_life_first_ms(const struct conf *conf, int64_t whole_ms)
{
	if (conf->session_idle_ms == 0)
		return whole_ms;
	return smaller(conf->session_idle_ms, whole_ms);
}

bool
session_life_is_remembered(
    const struct conf *conf, const struct session *session)
{
	if (session->created_ms < 0 || session->expires_ms < 0)
		return true; /* the Node application keeps all its cookies */
	return session->expires_ms - session->created_ms >
	       session_life_whole_ms(conf, false);
}

/* A login without a date is not recent. */
bool
session_life_is_fresh(
    const struct conf *conf, const struct session *session, int64_t now_ms)
{
	int64_t created_ms = session->created_ms;

	if (conf->session_fresh_ms == 0)
		return true;
	return created_ms >= 0 &&
	       created_ms <= now_ms + conf->session_clock_skew_ms &&
	       now_ms - created_ms < conf->session_fresh_ms;
}

static int64_t
interval_ms(const struct conf *conf)
{
	int64_t idle_ms = conf->session_idle_ms;

	if (idle_ms == 0)
		return TOUCH_MS;
	if (idle_ms / IDLE_PARTS >= TOUCH_MS)
		return idle_ms / IDLE_PARTS;
	return smaller(TOUCH_MS, idle_ms / IDLE_PARTS_MIN);
}

/*
 * Returns the TTL that the key should have now; 0: it stays.  Records of the
 * Node application have no end; the TTL of their key is never changed.
 */
static int64_t
wanted_ttl_ms(const struct conf *conf, const struct session_facts *facts)
{
	if (conf->session_idle_ms == 0 || facts->session.expires_ms < 0)
		return 0;
	return smaller(
	    conf->session_idle_ms, facts->session.expires_ms - facts->now_ms);
}

struct session_life_touch
session_life_touch_of(
    const struct conf *conf, const struct session_facts *facts)
{
	int64_t every_ms = interval_ms(conf);
	int64_t ttl_ms = wanted_ttl_ms(conf, facts);
	struct session_life_touch touch = { .is_due = false };

	if (facts->ttl_ms >= 0 && ttl_ms - facts->ttl_ms >= every_ms)
		touch = (struct session_life_touch){ .is_due = true,
			.ttl_ms = ttl_ms };
	if (facts->seen_ms < 0 ||
	    llabs(facts->now_ms - facts->seen_ms) >= every_ms)
		touch.is_due = true;
	return touch;
}

void
session_life_touch(struct context *c, const struct session_facts *facts)
{
	struct session_life_touch touch =
	    session_life_touch_of(c->app->conf, facts);

	if (!touch.is_due)
		return;
	(void)!sessions_touch(c->stores, c->call, facts, touch.ttl_ms);
}
