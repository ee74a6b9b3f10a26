#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdint.h>

#include "redis/wire/link.h"

/*
 * Lua scripts in Redis (redis.io, EVALSHA): called by their SHA-1, and sent in
 * full to a server that does not know them yet.
 */
enum { SCRIPT_SHA_LEN = 40 };

struct script {
	const char *text;
	char sha[SCRIPT_SHA_LEN + 1]; /* filled by script_open */
};

/*
 * Computes the SHA-1.  To be called before other threads use the script; may be
 * repeated.  False: OpenSSL has no SHA-1.
 */
bool script_open(struct script *script);

/*
 * A cached refusal, for callers that can do without scripts.  Zero-initialised.
 * After a refusal scripts are not tried for SCRIPT_PAUSE_MS.  Then they are
 * tried again, since a refusal may be temporary (OOM, MISCONF, an ACL that is
 * corrected).  Used by one thread.
 */
enum { SCRIPT_PAUSE_MS = 60000 };

struct script_pause {
	int64_t until_ms; /* clock_ms */
};

/* The arguments of a script, keys first. */
struct script_args {
	const struct str *texts;
	size_t count, key_count;
};

/*
 * Runs the script.
 *
 * OK: *value is its result.  REFUSED: this server does not run it (an ACL, a
 * cluster, a proxy); *value is the error, and nothing was done.  DOWN: as in
 * link_exchange, and the script may have run.  A script may run twice, so it
 * must be idempotent or tolerate that.
 */
#define script_run(script, link, call, value, key_count, ...) \
	script_run_args(script, link, call, value, \
	    &(const struct script_args){ (const struct str[]){ __VA_ARGS__ }, \
		sizeof((const struct str[]){ __VA_ARGS__ }) / \
		    sizeof(struct str), \
		key_count })
MUST_CHECK enum result script_run_args(const struct script *script,
    struct link *link, struct call *call, struct resp_value *value,
    const struct script_args *args);

/*
 * Like script_run_args, but also REFUSED during the pause after a REFUSED;
 * *value is then not set.
 */
MUST_CHECK enum result script_run_unless_paused(struct script_pause *pause,
    const struct script *script, struct link *link, struct call *call,
    struct resp_value *value, const struct script_args *args);

#endif
