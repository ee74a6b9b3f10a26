#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "config/conf.h"

/*
 * The probes that --check-config and sessgatectl doctor share, so that both
 * come to the same verdict.  Each function is true if nothing failed.
 */
enum check_level {
	CHECK_WORKS,
	CHECK_WARNING, /* a weaker mode of operation, or probably a mistake */
	CHECK_FAILED
};

/*
 * The callback that receives each result.  site: the name of the site, NULL:
 * none.  what: the setting that is tried, NULL: none.  text: the reason, empty
 * for CHECK_WORKS; valid during the call.
 */
struct check_report {
	void (*tell)(void *arg, enum check_level level, const char *site,
	    const char *what, const char *text);
	void *arg;
};

/*
 * Connects to Redis, authenticates, and tries every command and tracking.
 * Failed tracking is a warning.
 */
bool check_redis(const struct conf_all *all, const struct check_report *report);

/*
 * Connects to each MySQL server of a site and prepares every statement.  A
 * wrong statement is reported with its line of the file.  With several servers
 * one that works is enough.
 */
bool check_mysql(const struct conf *conf, const struct conf_source *source,
    const struct check_report *report);

/*
 * Reads the themes of all sites and tries [session] spool.  Warns of settings
 * that are probably mistakes.
 */
bool check_files(const struct conf_all *all, const struct conf_source *source,
    const struct check_report *report);

/* Runs the three checks for every site.  is_offline: check_files alone. */
bool check_all(const struct conf_all *all, const struct conf_source *source,
    bool is_offline, const struct check_report *report);

/*
 * Carries out --check-config with check_all, once the configuration is read.
 * Prints each success on stdout, each failure and warning on stderr.  Returns
 * EX_OK if everything works, else EX_CONFIG.
 */
int check_config(const struct conf_all *all, const struct conf_source *source,
    bool is_offline);

#endif
