#ifndef SITES_H
#define SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/app.h"
#include "app/theme.h"
#include "config/conf.h"
#include "mysql/pool.h"
#include "store/store.h"

/*
 * The sites of the process.  A struct site holds the data of one site that no
 * other site uses.  Without [site] sections there is one site without a name.
 * Redis and the places are shared: each site has its own key prefix, and the
 * places count by site number.
 */
struct site {
	int number; /* from 0, the index for conf_at */
	struct app app;
	struct pool *pool;
	struct user_table_port
	    *table; /* the users table; usable by any thread */
};

struct sites;

/* The page theme of each site, indexed by site number. */
struct themes {
	struct theme *all[CONF_SITES_MAX];
};

/* False: the errors of all sites are written to errors; nothing stays open. */
bool themes_open(
    struct themes *themes, const struct conf_all *conf, FILE *errors);

/* Closes all themes; accepts a struct that themes_open could not fill. */
void themes_close(struct themes *themes);

/*
 * common: the members of struct app that all sites share.  conf, themes and
 * everything that common points to must outlive the sites.  NULL on failure,
 * with the reason in why.
 */
struct sites *sites_open(const struct conf_all *conf,
    const struct themes *themes, const struct app *common, char *why,
    size_t size);

/* Call after the workers and the watchdog have been joined.  Accepts NULL. */
void sites_close(struct sites *sites);

/* The number of sites, at least 1; the site with a number from 0. */
int sites_count(const struct sites *sites);
const struct site *sites_at(const struct sites *sites, int number);

/*
 * The site that the request names.  Without [site] sections there is only one
 * site, and the name is ignored.  NULL: no such site; this is logged.
 */
const struct site *sites_choose(struct sites *sites, struct str name);

/* Shuts the sockets of overdue SQL statements.  Called by the watchdog. */
void sites_watch(struct sites *sites, int64_t now_ms);

#endif
