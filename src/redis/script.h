#ifndef SCRIPT_H
#define SCRIPT_H

#include "redis/link.h"

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

#endif
