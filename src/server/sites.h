#ifndef SITES_H
#define SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"
#include "config/conf.h"
#include "mysql/pool.h"
#include "server/themes.h"
#include "store/store.h"

/*
 * The sites of the process: what the requests of each need and no other site
 * touches.  Without [site] sections there is one, without a name.  Redis and
 * the places are shared: keys have a prefix of the site, places its number.
 */
struct site {
	int number; /* from 0, as conf_at counts */
	struct app app;
	struct pool *pool;
	struct user_port *table; /* the users table; serves any thread */
};

struct sites;

/*
 * common: the app but for what is each site's.  conf, looks and what common
 * refers to outlive them.  NULL with the reason in why.
 */
struct sites *sites_open(const struct conf_all *conf,
    const struct themes *themes, const struct app *common, char *why,
    size_t size);

/* After the workers and the watchdog have been joined.  Takes NULL too. */
void sites_close(struct sites *sites);

int sites_count(const struct sites *sites);
const struct site *sites_at(const struct sites *sites, int number);

/*
 * The site that a request says it is for; without sections always the one.
 * NULL: none or an unknown one, which is told in the log now and then.
 */
const struct site *sites_choose(struct sites *sites, struct str name);

/* Cuts off overdue statements; called by the watchdog. */
void sites_watch(struct sites *sites, int64_t now_ms);

#endif
