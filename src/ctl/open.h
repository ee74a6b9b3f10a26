#ifndef CTL_OPEN_H
#define CTL_OPEN_H

#include "base/call.h"
#include "config/conf.h"
#include "ctl/args.h"
#include "ctl/trouble.h"
#include "mysql/pool.h"
#include "redis/wire/link.h"
#include "store/store.h"

/* The needs of a command, to be met before it runs. */
enum ctl_need {
	NEED_CONF = 1 << 0,
	NEED_SITE = 1 << 1,  /* one site, by --site where there are several */
	NEED_REDIS = 1 << 2, /* a link and the ports over it */
	NEED_MYSQL = 1 << 3  /* the users table */
};

/*
 * The stores of one command: one link to Redis and a pool of one link to MySQL,
 * without a cache, so that what is read is what is there.
 */
struct ctl {
	struct conf_source source;
	struct conf_all all;
	const struct conf *conf; /* of the site */
	struct arena *arena;
	struct call call;
	struct breaker *breaker;
	struct link *link;
	struct session_port *sessions;
	struct limit_port *limits;
	struct reset_port *resets;
	struct pool *pool;
	struct user_table_port *table; /* used by people.c alone */
	struct stores stores;	       /* those three, for store/store.h */
	const char *by; /* who runs the command, for the audit trail */
	bool is_json, is_quiet, is_yes;
};

/*
 * Reads the configuration and opens what needs names.  -1: go on; else the exit
 * status, and the reason was printed.  In any case ctl_close.
 */
int ctl_open(struct ctl *ctl, const struct args *args, unsigned int needs);
void ctl_close(struct ctl *ctl);

/*
 * Does what NEED_REDIS does, for a command that can do without Redis.  Results
 * as of ctl_open.
 */
int ctl_open_redis(struct ctl *ctl);

/* Wipes the arena and gives the next step of a long command its own time. */
void ctl_renew(struct ctl *ctl);

/* Gives the next step its own time, and keeps the arena. */
void ctl_go_on(struct ctl *ctl);

/* Prints a sentence about what was done; not with --json or --quiet. */
__attribute__((format(printf, 2, 3))) void ctl_say(
    const struct ctl *ctl, const char *format, ...);

/* Prints to stderr what the operator should know. */
__attribute__((format(printf, 1, 2))) void ctl_note(const char *format, ...);

/*
 * The exit status for a result that is not OK, after its reason was printed.
 * RESULT_MISS and RESULT_BAD print what (a sentence of the caller's).
 */
int ctl_fail(struct ctl *ctl, enum result result, const char *what);

/* The text, safe for a terminal, as a C string in the arena. */
const char *ctl_shown(struct ctl *ctl, struct str text);

#endif
