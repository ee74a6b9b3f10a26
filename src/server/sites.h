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
	/* the users table; usable by any thread */
	struct user_table_port *table;
};

struct sites;

/* The page theme of each site, indexed by site number. */
struct themes {
	struct theme *all[CONF_SITES_MAX];
};

/*
 * Opens the themes of all sites; the caller owns them until themes_close.
 * False: the errors of all sites are written to errors, and nothing stays open.
 */
bool themes_open(
    struct themes *themes, const struct conf_all *conf, FILE *errors);

/* Closes all themes.  The struct may be empty, as after a failed themes_open.
 */
void themes_close(struct themes *themes);

/*
 * Opens the sites.  common: the members of struct app that all sites share.
 * conf, themes and everything that common points to must outlive the sites.
 * NULL: why has the reason.
 */
struct sites *sites_open(const struct conf_all *conf,
    const struct themes *themes, const struct app *common, char *why,
    size_t size);

/*
 * Closes the sites, after the workers and the watchdog have been joined.  May
 * be NULL.
 */
void sites_close(struct sites *sites);

/* Return the number of sites, at least 1, and the site with a number from 0. */
int sites_count(const struct sites *sites);
const struct site *sites_at(const struct sites *sites, int number);

/*
 * Returns the site that the request names.  Without [site] sections there is
 * only one site, and the name is ignored.  NULL: no such site; it was logged.
 */
const struct site *sites_choose(struct sites *sites, struct str name);

/* Shuts the sockets of overdue SQL statements.  Called by the watchdog. */
void sites_watch(struct sites *sites, int64_t now_ms);

#endif
