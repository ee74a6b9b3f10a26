/* Asks one server whether it is the primary. */
#include "config.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "redis/discovery/probe.h"
#include "redis/wire/error_reply.h"

enum breaker_server
finding_set(
    struct finding *finding, enum breaker_server server, const char *why)
{
	snprintf(finding->why, sizeof(finding->why), "%s", why);
	finding->server = server;
	return server;
}

/*
 * Asks a replica for the state of its link to the primary.  The reply to ROLE
 * is "slave", host, port, state of the link, offset.
 */
static enum breaker_server
ask_replica_state(const struct probe *probe, struct wire *wire, int64_t wait_ms,
    struct finding *finding)
{
	const struct call call = { .arena = probe->arena,
		.deadline_ms = clock_ms() + wait_ms };
	struct resp_value role;
	enum wire_verdict verdict;

	wire_add(wire, STR("ROLE"));
	verdict = wire_converse(wire, &call, &role);
	wire_forget(wire);
	if (verdict != WIRE_DONE)
		return finding_set(finding, BREAKER_AWAY, wire_why(wire));
	if (role.type == RESP_LIST && role.count >= 4 &&
	    resp_is(&role.items[3], STR("connected")))
		return finding_set(finding, BREAKER_REPLICA, "it is a replica");
	return finding_set(finding, BREAKER_CUT_OFF,
	    "it is a replica that is cut off from its primary");
}

static enum breaker_server
meaning_of_ping(const struct probe *probe, const struct resp_value *ping,
    struct finding *finding)
{
	struct str text = STR_NONE;

	switch (error_reply_worst(ping, &text)) {
	case ERROR_LINK:
	case ERROR_SERVER:
		return finding_set(
		    finding, BREAKER_AWAY, arena_cstr(probe->arena, text));
	case ERROR_ELSEWHERE:
		return finding_set(
		    finding, BREAKER_CUT_OFF, arena_cstr(probe->arena, text));
	default:
		return BREAKER_PRIMARY;
	}
}

/* Logged once for each server that is found. */
static void
log_old_server(const struct redis_url *url)
{
	log_event(LOG_ERROR, "redis refused",
	    log_text("server", url_redis_name(url)),
	    log_text("reason", "this Redis is older than 7.0"), LOG_END);
}

enum breaker_server
probe_ask(const struct probe *probe, struct wire *wire, int64_t wait_ms,
    struct finding *finding)
{
	const struct call call = { .arena = probe->arena,
		.deadline_ms = clock_ms() + wait_ms };
	bool takes_replica = breaker_options(probe->breaker)->takes_replica;
	struct resp_value values[3];
	enum wire_verdict verdict;
	int more;

	wire_add(wire, STR("HELLO"), STR("2"));
	wire_add(wire, STR("PING"));
	more = finder_add_probe(probe->finder, wire);
	verdict = wire_converse(wire, &call, values);
	wire_forget(wire);
	if (verdict != WIRE_DONE)
		return finding_set(finding, BREAKER_AWAY, wire_why(wire));
	if (meaning_of_ping(probe, &values[1], finding) != BREAKER_PRIMARY)
		return finding->server;
	if (more > 0 && !finder_accepts(&values[2]))
		return finding_set(finding, BREAKER_AWAY,
		    arena_cstr(probe->arena, values[2].text));
	if (wire_is_replica(&values[0]) &&
	    (ask_replica_state(probe, wire, wait_ms, finding) !=
		    BREAKER_REPLICA ||
		!takes_replica))
		return finding->server;
	if (finding->is_new && wire_is_old(&values[0]))
		log_old_server(breaker_options(probe->breaker)->url);
	return finding_set(finding, BREAKER_PRIMARY, "");
}
