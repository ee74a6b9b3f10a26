/* --check-config: tries the stores that the configuration names. */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "mysql/pool.h"
#include "redis/wire/prober.h"
#include "redis/tracking/tracker.h"
#include "redis/trial.h"
#include "server/check.h"
#include "server/themes.h"

static bool
print_check(const char *site, const char *what, bool works, const char *why)
{
	FILE *out = works ? stdout : stderr;

	if (site != NULL)
		fprintf(out, "site \"%s\": ", site);
	fprintf(out, "%s: %s\n", what, works ? "works" : why);
	return works;
}

enum { WHY_SIZE = 256, TRIAL_CACHE_BYTES = 64 * 1024 };

/* A notice is a weaker mode of operation, not a failure. */
static void
note(const char *notice)
{
	fprintf(stderr, "warning: [redis] url: %s\n", notice);
}

/* After key = migrate browsers still hold cookies of the other name. */
static void
warn_plain(const struct conf *conf, struct link *link)
{
	if (conf->session_key != CONF_KEY_SHA256 ||
	    conf->is_set[CONF_OPTION_cookie_compat] ||
	    !trial_finds_plain(link, conf))
		return;
	fputs("warning: ", stderr);
	if (conf->site != NULL)
		fprintf(stderr, "site \"%s\": ", conf->site);
	fputs(
	    "Redis has sessions of a Node application or of [session] key = "
	    "plain, and key = sha256 reads none of them: key = migrate does; "
	    "after that leave [cookie] compat = on for one session life, else "
	    "set compat = off\n",
	    stderr);
}

/* Every site has its own key prefix; the Redis ACL must allow all of them. */
static bool
check_commands(const struct conf_all *all, struct breaker *breaker, char *why)
{
	struct link *link = link_open(breaker);
	char notice[WHY_SIZE] = "";
	bool works = link != NULL;

	for (int i = 0; works && i < conf_count(all); i++) {
		works = trial_all(link, conf_at(all, i), why, WHY_SIZE, notice,
		    sizeof(notice));
		if (works)
			warn_plain(conf_at(all, i), link);
	}
	if (works && notice[0] != '\0')
		note(notice);
	link_close(link);
	return works;
}

/* Without tracking every check asks Redis: slower, but correct. */
static void
check_tracking(const struct conf_all *all, struct breaker *breaker)
{
	const struct conf *conf = &all->common;
	int count = conf_count(all);
	struct str *prefixes = calloc((size_t)count, sizeof(prefixes[0]));
	struct cache *cache = cache_open(TRIAL_CACHE_BYTES, 1000);
	struct tracker_options options = { .breaker = breaker,
		.cache = cache,
		.prefixes = prefixes,
		.prefix_count = (size_t)count,
		.proof_ms = conf->cache_proof_ms };
	char why[WHY_SIZE] = "no memory", notice[WHY_SIZE + 64];

	for (int i = 0; prefixes != NULL && i < count; i++)
		prefixes[i] = str_from(conf_at(all, i)->redis_key_prefix);
	if (prefixes == NULL || cache == NULL ||
	    !tracker_try(&options, why, sizeof(why))) {
		snprintf(notice, sizeof(notice),
		    "CLIENT TRACKING does not work, every check asks: %s", why);
		note(notice);
	}
	cache_close(cache);
	free(prefixes);
}

static bool
check_redis(const struct conf_all *all)
{
	struct breaker_options options = breaker_options_of(&all->common);
	struct breaker *breaker = breaker_open(&options);
	char why[WHY_SIZE] = "no memory";
	bool works = breaker != NULL && prober_try(breaker, why, sizeof(why)) &&
		     check_commands(all, breaker, why);

	if (works && all->common.cache_memory_bytes != 0)
		check_tracking(all, breaker);
	breaker_close(breaker);
	return print_check(NULL, "[redis] url", works, why);
}

static bool
check_mysql(const struct conf *conf)
{
	struct pool_options options = pool_options_of(conf, 1);
	char why[512] = "";
	bool works = pool_check(&options, why, sizeof(why));

	if (works && why[0] != '\0')
		fprintf(stderr, "warning: [mysql] %s\n", why);
	return print_check(conf->site, "[mysql] url", works, why);
}

static bool
check_stores(const struct conf_all *all)
{
	bool works = check_redis(all);

	for (int i = 0; i < conf_count(all); i++)
		works = check_mysql(conf_at(all, i)) && works;
	return works;
}

static bool
check_themes(const struct conf_all *conf)
{
	struct themes themes;
	bool is_open = themes_open(&themes, conf, stderr);

	if (is_open)
		themes_close(&themes);
	return is_open;
}

int
check_config(const struct conf_all *conf, const struct conf_source *source,
    bool is_offline)
{
	const struct passwd *user = getpwuid(geteuid());
	bool has_themes = check_themes(conf);

	conf_warn(conf, source, user != NULL ? user->pw_name : NULL, stderr);
	if ((!is_offline && !check_stores(conf)) || !has_themes)
		return EX_CONFIG;
	puts(is_offline ? "configuration: read, no store asked"
			: "configuration: works");
	return EX_OK;
}
