/* --check-config: tries the stores that the configuration names. */
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "config/setting.h"
#include "mysql/pool.h"
#include "redis/discovery/prober.h"
#include "redis/tracking/tracker.h"
#include "redis/command_check.h"
#include "redis/wire/spool.h"
#include "server/check.h"
#include "server/sites.h"

enum { WHY_SIZE = 512, TRIAL_CACHE_BYTES = 64 * 1024, SPOOL_TRY_MS = 200 };

static void
tell(const struct check_report *report, enum check_level level,
    const char *site, const char *what, const char *text)
{
	report->tell(report->arg, level, site, what, text);
}

/* Reports a result.  text: the reason of a failure, or a warning, or empty. */
static bool
tell_result(const struct check_report *report, const char *site,
    const char *what, bool works, const char *text)
{
	if (works && text[0] != '\0')
		tell(report, CHECK_WARNING, site, what, text);
	tell(report, works ? CHECK_WORKS : CHECK_FAILED, site, what,
	    works ? "" : text);
	return works;
}

/*
 * Warns of sessions under plain keys: key = sha256 does not read them.  Setting
 * [cookie] compat silences the warning, since the administrator knows of them.
 */
static void
warn_plain(const struct conf *conf, struct link *link,
    const struct check_report *report)
{
	if (conf->session_key != CONF_KEY_SHA256 ||
	    conf->is_set[CONF_OPTION_cookie_compat] ||
	    !command_check_finds_plain(link, conf))
		return;
	tell(report, CHECK_WARNING, conf->site, NULL,
	    "Redis has sessions of a Node application or of [session] key = "
	    "plain, and key = sha256 reads none of them: key = migrate does; "
	    "after that leave [cookie] compat = on for one session life, else "
	    "set compat = off");
}

/*
 * Tries every command for each site: each has a key prefix of its own, and the
 * ACL of Redis must allow all of them.
 */
static bool
check_commands(const struct conf_all *all, struct breaker *breaker,
    const struct check_report *report, char *why)
{
	struct link *link = link_open(breaker);
	char notice[WHY_SIZE] = "";
	bool works = link != NULL;

	for (int i = 0; works && i < conf_count(all); i++) {
		works = command_check_all(link, conf_at(all, i), why, WHY_SIZE,
		    notice, sizeof(notice));
		if (works)
			warn_plain(conf_at(all, i), link, report);
	}
	if (works && notice[0] != '\0')
		tell(report, CHECK_WARNING, NULL, "[redis] url", notice);
	link_close(link);
	return works;
}

/*
 * Tries the tracking.  A failure is only a warning: without tracking every
 * check asks Redis, which is slower but correct.
 */
static void
check_tracking(const struct conf_all *all, struct breaker *breaker,
    const struct check_report *report)
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
		tell(report, CHECK_WARNING, NULL, "[redis] url", notice);
	}
	cache_close(cache);
	free(prefixes);
}

static void
tell_tls(const struct breaker *breaker, const struct check_report *report)
{
	struct tls_expiry found[TLS_CERTIFICATES];
	size_t count = tls_expiring(breaker_tls(breaker), found);
	char notice[WHY_SIZE];

	if (breaker_options(breaker)->tls.verify == CONF_TLS_VERIFY_OFF)
		tell(report, CHECK_WARNING, NULL, "[redis] url",
		    "tls_verify = off: whoever can redirect the connection "
		    "reads and changes all sessions");
	for (size_t i = 0; i < count; i++) {
		snprintf(notice, sizeof(notice),
		    "%s certificate expires at %s, in %d days",
		    strcmp(found[i].whose, "ours") == 0 ? "our"
							: "the server's",
		    found[i].date, found[i].days);
		tell(report, CHECK_WARNING, NULL, "[redis] url", notice);
	}
}

bool
check_redis(const struct conf_all *all, const struct check_report *report)
{
	struct breaker_options options = breaker_options_of(all);
	char why[WHY_SIZE];
	struct breaker *breaker = breaker_open(&options, why, sizeof(why));
	bool works = breaker != NULL && prober_try(breaker, why, sizeof(why)) &&
		     check_commands(all, breaker, report, why);

	if (works && breaker_tls(breaker) != NULL)
		tell_tls(breaker, report);
	if (works && all->common.cache_memory_bytes != 0)
		check_tracking(all, breaker, report);
	breaker_close(breaker);
	return tell_result(
	    report, NULL, "[redis] url", works, works ? "" : why);
}

/* Returns the line of the file that sets [mysql] key; 0: no line does. */
static int
line_of_statement(const struct conf *conf, struct str key)
{
	const struct setting *setting = setting_find(STR("mysql"), key);

	return setting != NULL ? conf->lines[setting_option(setting)] : 0;
}

/*
 * Finds the setting that the reason is about, and writes its name to `what`.
 * A reason `KEY: text`, with a KEY that the file sets in [mysql], is about that
 * line (FILE:LINE: [mysql] KEY); any other one is about [mysql] url.  Returns
 * the reason, without such a KEY.
 */
static const char *
name_statement(const struct conf *conf, const struct conf_source *source,
    const char *why, char what[WHY_SIZE])
{
	struct str rest = str_from(why), key = str_cut(&rest, ':');
	int line = line_of_statement(conf, key);

	snprintf(what, WHY_SIZE, "[mysql] url");
	if (line == 0 || str_is_none(rest))
		return why;
	snprintf(what, WHY_SIZE, "%s:%d: [mysql] %.*s", source->file, line,
	    STR_ARG(key));
	return str_trim(rest).ptr;
}

/*
 * Checks one of several servers.  One that works is enough, so a failure is a
 * warning.
 */
static bool
check_server(const struct conf *conf, const struct conf_source *source,
    const struct pool_options *options, int server,
    const struct check_report *report)
{
	char why[WHY_SIZE] = "", name[POOL_NAME_SIZE], what[WHY_SIZE];
	char text[WHY_SIZE + POOL_NAME_SIZE + 2];
	bool works = pool_check(options, server, why, sizeof(why));

	pool_server_name(options, server, name);
	snprintf(text, sizeof(text), "%s: %s", name,
	    name_statement(conf, source, why, what));
	if (why[0] != '\0')
		tell(report, CHECK_WARNING, conf->site, what, text);
	return works;
}

static bool
check_only_server(const struct conf *conf, const struct conf_source *source,
    const struct pool_options *options, const struct check_report *report)
{
	char why[WHY_SIZE] = "", what[WHY_SIZE];
	bool works = pool_check(options, 0, why, sizeof(why));
	const char *text = name_statement(conf, source, why, what);

	if (works && text[0] != '\0')
		tell(report, CHECK_WARNING, conf->site, what, text);
	return tell_result(report, conf->site, works ? "[mysql] url" : what,
	    works, works ? "" : text);
}

bool
check_mysql(const struct conf *conf, const struct conf_source *source,
    const struct check_report *report)
{
	struct pool_options options = pool_options_of(conf, 1);
	int working = 0;

	if (options.server_count == 1)
		return check_only_server(conf, source, &options, report);
	for (int i = 0; i < options.server_count; i++)
		working += check_server(conf, source, &options, i, report);
	return tell_result(report, conf->site, "[mysql] url", working > 0,
	    working > 0 ? "" : "no server of the urls can be used");
}

/* Reports a line that other code printed: `warning: ...`, or a failure. */
static void
tell_line(const struct check_report *report, const char *line)
{
	static const char mark[] = "warning: ";
	size_t len = strlen(mark);

	if (line[0] == '\0')
		return;
	if (strncmp(line, mark, len) == 0)
		tell(report, CHECK_WARNING, NULL, NULL, line + len);
	else
		tell(report, CHECK_FAILED, NULL, NULL, line);
}

/* Tries the spool.  If another process has locked it, that is a warning. */
static bool
check_spool(const struct conf *conf, const struct conf_source *source,
    const struct check_report *report)
{
	const char *path = conf->session_spool;
	int line = conf->lines[CONF_OPTION_session_spool];
	char what[WHY_SIZE] = "[session] spool", text[WHY_SIZE];
	bool works, is_locked;

	if (path[0] == '\0')
		return true;
	if (line > 0)
		snprintf(what, sizeof(what), "%s:%d: [session] spool",
		    source->file, line);
	works = spool_try(path, SPOOL_TRY_MS);
	is_locked = !works && errno == EWOULDBLOCK;
	snprintf(text, sizeof(text), "%s: %s", path,
	    is_locked ? "another process holds its lock" : strerror(errno));
	return tell_result(
	    report, NULL, what, works || is_locked, works ? "" : text);
}

bool
check_files(const struct conf_all *all, const struct conf_source *source,
    const struct check_report *report)
{
	/* cppcheck-suppress getpwuidCalled ; there are no threads yet */
	const struct passwd *user = getpwuid(geteuid());
	char *text = NULL, *rest, *line;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct themes themes;
	bool works;

	if (out == NULL)
		return false;
	works = themes_open(&themes, all, out);
	if (works)
		themes_close(&themes);
	(void)conf_warn(all, source, user != NULL ? user->pw_name : NULL, out);
	fclose(out);
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL)
		tell_line(report, line);
	free(text);
	return check_spool(&all->common, source, report) && works;
}

/* Successes go to stdout, all else to stderr. */
static void
print_check(void *arg, enum check_level level, const char *site,
    const char *what, const char *text)
{
	FILE *out = level == CHECK_WORKS ? stdout : stderr;

	(void)arg;
	if (level == CHECK_WARNING)
		fputs("warning: ", out);
	if (site != NULL)
		fprintf(out, "site \"%s\": ", site);
	if (what != NULL)
		fprintf(out, "%s: ", what);
	fprintf(out, "%s\n", level == CHECK_WORKS ? "works" : text);
}

bool
check_all(const struct conf_all *all, const struct conf_source *source,
    bool is_offline, const struct check_report *report)
{
	bool works = check_files(all, source, report);

	if (is_offline)
		return works;
	works = check_redis(all, report) && works;
	for (int i = 0; i < conf_count(all); i++)
		works = check_mysql(conf_at(all, i), source, report) && works;
	return works;
}

int
check_config(const struct conf_all *all, const struct conf_source *source,
    bool is_offline)
{
	const struct check_report report = { .tell = print_check };

	if (!check_all(all, source, is_offline, &report))
		return EX_CONFIG;
	puts(is_offline ? "configuration: read, no store asked"
			: "configuration: works");
	return EX_OK;
}
