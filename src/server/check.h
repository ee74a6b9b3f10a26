#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "config/conf.h"

/*
 * The probes of --check-config and of sessgatectl doctor: so neither calls well
 * what the other calls ill.
 */
enum check_level {
	CHECK_WORKS,
	CHECK_WARNING, /* a weaker mode of operation, or probably a mistake */
	CHECK_FAILED
};

/*
 * Told of each result.  site: the name of the site, NULL: none.  what: the
 * setting that is tried, NULL: none.  text: the reason, empty for CHECK_WORKS;
 * valid during the call.
 */
struct check_report {
	void (*tell)(void *arg, enum check_level level, const char *site,
	    const char *what, const char *text);
	void *arg;
};

/* Connects to Redis, authenticates, and tries every command and tracking. */
bool check_redis(const struct conf_all *all, const struct check_report *report);

/*
 * Connects to a site's MySQL and prepares every statement.  One that is wrong
 * is named with its line of the file.
 */
bool check_mysql(const struct conf *conf, const struct conf_source *source,
    const struct check_report *report);

/* The themes of all sites, and settings that are probably mistakes. */
bool check_files(const struct conf_all *all, const struct conf_source *source,
    const struct check_report *report);

/* All three, for every site.  is_offline: asks no store. */
bool check_all(const struct conf_all *all, const struct conf_source *source,
    bool is_offline, const struct check_report *report);

/*
 * --check-config, after the configuration has been read: check_all.  Prints
 * each success on stdout, each failure and warning on stderr.  Returns EX_OK if
 * everything works, else EX_CONFIG.
 */
int check_config(const struct conf_all *all, const struct conf_source *source,
    bool is_offline);

#endif
