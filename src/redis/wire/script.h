#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdint.h>

#include "redis/wire/link.h"

/*
 * Scripts that run inside Redis (redis.io, EVALSHA): known there by their
 * SHA-1, and sent whole to a server that does not know it.
 */
enum { SCRIPT_SHA_LEN = 40 };

struct script {
	const char *text;
	char sha[SCRIPT_SHA_LEN + 1]; /* filled by script_open */
};

/* Called before there are threads; once more does no harm.  False: no SHA-1. */
bool script_open(struct script *script);

/*
 * What a caller with another way than scripts knows of the server, zeroed at
 * first: after a refusal it takes that other way, and asks again when
 * SCRIPT_PAUSE_MS have passed, since a refusal may pass (OOM, MISCONF, an ACL
 * that is mended).  Of one thread.
 */
enum { SCRIPT_PAUSE_MS = 60000 };

struct script_pause {
	int64_t until_ms; /* clock_ms */
};

/*
 * Runs it with the arguments, of which the first key_count are keys.
 *
 * OK: *value is what it returned.  DENY: this server runs no such scripts (an
 * ACL, a cluster, a proxy); nothing was done.  DOWN: as link_exchange says, and
 * it may have run: it must bear to be run twice.
 */
#define script_run(script, link, call, value, key_count, ...) \
	script_run_args(script, link, call, value, key_count, \
	    (const struct str[]){ __VA_ARGS__ }, \
	    sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))
MUST_CHECK enum result script_run_args(const struct script *script,
    struct link *link, struct call *call, struct resp_value *value,
    size_t key_count, const struct str *args, size_t count);

/* As script_run_args; DENY also during the pause that the last DENY began. */
MUST_CHECK enum result script_run_unless_paused(struct script_pause *pause,
    const struct script *script, struct link *link, struct call *call,
    struct resp_value *value, size_t key_count, const struct str *args,
    size_t count);

#endif
