#ifndef SENTINEL_REPLY_H
#define SENTINEL_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redis/wire/resp.h"

/*
 * Reads the replies of Sentinels, and chooses one of them (redis.io, High
 * availability with Redis Sentinel; Sentinel client spec).  Pure: no sockets,
 * no clock.
 */
enum { SENTINEL_HOST_MAX = 256, SENTINEL_WHY_MAX = 160 };

enum sentinel_state {
	SENTINEL_SILENT,   /* not heard from yet */
	SENTINEL_LOST,	   /* it does not answer; why has the reason */
	SENTINEL_IGNORANT, /* it does not watch a primary of that name */
	SENTINEL_KNOWS
};

struct sentinel_answer {
	enum sentinel_state state;
	/* with SENTINEL_KNOWS: the primary, and the epoch of that choice */
	char host[SENTINEL_HOST_MAX];
	int port;
	int64_t epoch;
	bool is_down; /* the primary does not answer this Sentinel (s_down) */
	char why[SENTINEL_WHY_MAX];
};

/*
 * Reads the replies to SENTINEL MASTER (for config-epoch) and SENTINEL
 * GET-MASTER-ADDR-BY-NAME, sent in this order over one link.  The address in
 * the first reply does not count: while the leader of a fail-over waits for the
 * other replicas, that is the old address under the new epoch.
 */
void sentinel_reply_read(const struct resp_value *master,
    const struct resp_value *address, struct sentinel_answer *answer);

enum sentinel_event {
	SENTINEL_NO_EVENT,
	/* another primary was chosen, or this one is down or up: ask again */
	SENTINEL_SWITCH,
	/* a replica was just told to become the primary */
	SENTINEL_PROMOTING
};

/* The channels whose messages sentinel_reply_event understands. */
#define SENTINEL_CHANNEL_SWITCH "+switch-master"
#define SENTINEL_CHANNEL_DOWN "+sdown"
#define SENTINEL_CHANNEL_UP "-sdown"
#define SENTINEL_CHANNEL_PROMOTED "+promoted-slave"
#define SENTINEL_CHANNEL_PROMOTING "+failover-state-wait-promotion"

/*
 * Reads a message about the primary of this name.  PROMOTING: host and port of
 * *answer are those of the replica.  Nothing else of *answer is defined.
 */
enum sentinel_event sentinel_reply_event(const struct resp_value *message,
    struct str name, struct sentinel_answer *answer);

/* The primary that the Sentinels have agreed on. */
struct sentinel_choice {
	bool is_known;
	char host[SENTINEL_HOST_MAX];
	int port;
	int64_t epoch;
	int64_t denied_since_ms; /* 0: no answer contradicts it */
};

/*
 * Chooses among the last answers of all Sentinels: the one with the highest
 * config-epoch.  A choice is replaced by an answer with a higher epoch only: a
 * Sentinel that was frozen or cut off names a former primary under an older
 * one.  If all answers contradict the choice for 10 s the Sentinels have
 * forgotten their epochs (SENTINEL REMOVE), and it is replaced as well.
 * Returns the answer that made the choice another server; NULL: it is the same.
 */
const struct sentinel_answer *sentinel_choose(struct sentinel_choice *choice,
    const struct sentinel_answer *answers, size_t count, int64_t now_ms);

#endif
