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
 * The stores of one command: one link to Redis and a pool of one link to MySQL.
 * There is no cache, so a command sees the present state.
 */
struct ctl {
	struct conf_source source;
	struct conf_all all;
	/* of the site; NULL without NEED_SITE and --site */
	const struct conf *conf;
	struct arena *arena;
	struct call call;
	struct breaker *breaker;
	struct link *link;
	struct session_port *sessions;
	struct limit_port *limits;
	struct reset_port *resets;
	struct pool *pool;
	struct user_table_port *table; /* used by people.c alone */
	struct stores stores; /* sessions, limits, resets; for store/store.h */
	const char *by;	      /* who runs the command, for the audit trail */
	bool is_json, is_quiet, is_yes;
};

/*
 * Reads the configuration and opens the stores.  needs: bits of enum ctl_need.
 * -1: go on; else the exit status, and the reason was printed.  Call ctl_close
 * in either case.
 */
int ctl_open(struct ctl *ctl, const struct args *args, unsigned int needs);
void ctl_close(struct ctl *ctl);

/*
 * Sets ctl->conf to that of the site with this name; name may be NULL where the
 * configuration has no sites.  Returns -1, or the exit status: there is no such
 * site, and that was printed.
 */
int ctl_choose_site(struct ctl *ctl, const char *name);

/*
 * Opens Redis as NEED_REDIS does, for a command that also works without it.
 * If ctl->conf is NULL it becomes that of the first site.  Results as of
 * ctl_open.
 */
int ctl_open_redis(struct ctl *ctl);

/* Wipes the arena and gives the next step of a long command 10 s. */
void ctl_begin_step(struct ctl *ctl);

/* Gives the next step 10 s, and keeps the arena. */
void ctl_reset_deadline(struct ctl *ctl);

/* Prints a sentence to stdout; not with --json or --quiet. */
__attribute__((format(printf, 2, 3))) void ctl_print(
    const struct ctl *ctl, const char *format, ...);

/* Prints a sentence to stderr, made safe for a terminal. */
__attribute__((format(printf, 1, 2))) void ctl_warn(const char *format, ...);

/*
 * Prints the reason of a result that is not OK, and returns the exit status.
 * what: the sentence for RESULT_MISS and others that are not of a store; NULL:
 * "the answer is no".
 */
int ctl_fail(struct ctl *ctl, enum result result, const char *what);

/* At most 80 columns of text, safe for a terminal, as a string in the arena. */
const char *ctl_shown(struct ctl *ctl, struct str text);

#endif
