/* The sites: each has its own configuration, theme and users table. */
#include "config.h"

#include <stdlib.h>

#include "app/attempts.h"
#include "app/readiness.h"
#include "base/log.h"
#include "mysql/users.h"
#include "server/sites.h"

struct sites {
	const struct conf_all *conf;
	int count;
	struct site all[];
};

bool
themes_open(struct themes *themes, const struct conf_all *conf, FILE *errors)
{
	bool is_open = true;

	*themes = (struct themes){ { NULL } };
	for (int i = 0; i < conf_count(conf); i++) {
		themes->all[i] = theme_open(conf_at(conf, i), errors);
		is_open = is_open && themes->all[i] != NULL;
	}
	if (!is_open)
		themes_close(themes);
	return is_open;
}

void
themes_close(struct themes *themes)
{
	for (int i = 0; i < CONF_SITES_MAX; i++)
		theme_close(themes->all[i]);
	*themes = (struct themes){ { NULL } };
}

static bool
open_table(struct sites *sites, struct site *site, char *why, size_t size)
{
	const struct conf *conf = site->app.conf;
	struct pool_options options = pool_options_of(conf, sites->count);
	char reason[400] = "out of memory";

	site->app.attempts = attempts_open();
	site->app.readiness = readiness_open();
	if (site->app.attempts == NULL || site->app.readiness == NULL)
		return false;
	site->pool = pool_open(&options, reason, sizeof(reason));
	if (site->pool != NULL)
		site->table = mysql_users_open(site->pool);
	if (site->table == NULL && conf->site != NULL)
		snprintf(why, size, "site \"%s\": %s", conf->site, reason);
	else
		snprintf(why, size, "%s", reason);
	return site->table != NULL;
}

struct sites *
sites_open(const struct conf_all *conf, const struct themes *themes,
    const struct app *common, char *why, size_t size)
{
	int count = conf_count(conf);
	struct sites *sites =
	    calloc(1, sizeof(*sites) + (size_t)count * sizeof(sites->all[0]));

	snprintf(why, size, "out of memory");
	if (sites == NULL)
		return NULL;
	sites->conf = conf;
	sites->count = count;
	for (int i = 0; i < count; i++) {
		sites->all[i] = (struct site){ .number = i, .app = *common };
		sites->all[i].app.conf = conf_at(conf, i);
		sites->all[i].app.theme = themes->all[i];
		if (!open_table(sites, &sites->all[i], why, size)) {
			sites_close(sites);
			return NULL;
		}
	}
	return sites;
}

void
sites_close(struct sites *sites)
{
	if (sites == NULL)
		return;
	for (int i = 0; i < sites->count; i++)
		pool_stop(sites->all[i].pool);
	for (int i = 0; i < sites->count; i++) {
		mysql_users_close(sites->all[i].table);
		pool_close(sites->all[i].pool);
		attempts_close(sites->all[i].app.attempts);
		readiness_close(sites->all[i].app.readiness);
	}
	free(sites);
}

int
sites_count(const struct sites *sites)
{
	return sites->count;
}

const struct site *
sites_at(const struct sites *sites, int number)
{
	return &sites->all[number];
}

const struct site *
sites_choose(struct sites *sites, struct str name)
{
	int number = 0;

	if (sites->conf->site_count > 0)
		number = conf_find_site(sites->conf, name);
	if (number >= 0)
		return &sites->all[number];
	log_event(LOG_ERROR, "site unknown", log_str("name", name), LOG_END);
	return NULL;
}

void
sites_watch(struct sites *sites, int64_t now_ms)
{
	for (int i = 0; i < sites->count; i++)
		pool_watch(sites->all[i].pool, now_ms);
}
