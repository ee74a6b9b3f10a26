/* Opens the configuration and the stores for one command. */
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/open.h"
#include "ctl/screen.h"
#include "ctl/trouble.h"
#include "mysql/users.h"
#include "redis/limits.h"
#include "redis/resets.h"
#include "redis/sessions.h"
#include "redis/discovery/prober.h"

/*
 * STEP_MS: for one step of a command.  An operator waits for longer than a
 * request may: at least COMMAND_MIN_MS for one command of Redis.
 */
enum {
	STEP_MS = 10000,
	COMMAND_MIN_MS = 3000,
	WHY_SIZE = 512,
	NOTE_SIZE = 2048
};

/* Prints a line to stderr, made safe for a terminal. */
static void
put_safe(const char *before, const char *text)
{
	struct arena *arena = arena_open();

	fflush(stdout);
	if (arena != NULL) {
		struct str safe = screen_text(arena, str_from(text), NOTE_SIZE);

		fprintf(stderr, "%s%.*s\n", before, STR_ARG(safe));
	}
	arena_close(arena);
}

void
ctl_warn(const char *format, ...)
{
	char text[NOTE_SIZE];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	put_safe("sessgatectl: ", text);
}

void
ctl_print(const struct ctl *ctl, const char *format, ...)
{
	va_list list;

	if (ctl->is_json || ctl->is_quiet)
		return;
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	fputc('\n', stdout);
}

const char *
ctl_shown(struct ctl *ctl, struct str text)
{
	const size_t max = 80;

	if (str_is_none(text))
		return "-";
	return arena_cstr(ctl->arena, screen_text(ctl->arena, text, max));
}

/* The caller of sudo (SUDO_USER), else the user of the process. */
static const char *
who_runs_it(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *user;

	if (name != NULL && name[0] != '\0')
		return name;
	/* cppcheck-suppress getpwuidCalled ; there are no threads yet */
	user = getpwuid(getuid());
	return user != NULL ? user->pw_name : "unknown";
}

/*
 * Prints the errors.  Returns EX_NOPERM if a file may not be read, else
 * EX_CONFIG.
 */
static int
load_failed(struct ctl *ctl, char *errors)
{
	bool is_denied = strstr(errors, strerror(EACCES)) != NULL;
	char *line;

	while ((line = strsep(&errors, "\n")) != NULL)
		if (line[0] != '\0')
			put_safe("", line);
	if (!is_denied)
		return EX_CONFIG;
	ctl_warn("not allowed to read a file of %s: run it as the user of "
		 "sessgate, as sudo -u sessgate sessgatectl",
	    ctl->source.file);
	return EX_NOPERM;
}

static int
load_conf(struct ctl *ctl, const struct args *args)
{
	char *errors = NULL;
	size_t len;
	FILE *out = open_memstream(&errors, &len);
	int status = -1;
	bool is_loaded;

	if (out == NULL)
		return EX_OSERR;
	ctl->source = conf_source_of(args->values[OPTION_CONFIG], environ);
	is_loaded = conf_load(&ctl->source, &ctl->all, out);
	fclose(out);
	if (!is_loaded)
		status = load_failed(ctl, errors);
	free(errors);
	return status;
}

static void
list_sites(const struct conf_all *all)
{
	fputs("The sites:", stderr);
	for (int i = 0; i < all->site_count; i++)
		fprintf(stderr, " %s", all->sites[i].site);
	fputc('\n', stderr);
}

int
ctl_choose_site(struct ctl *ctl, const char *name)
{
	int number = conf_find_site(&ctl->all, str_from(name));

	ctl->conf = &ctl->all.common;
	if (name == NULL && ctl->all.site_count == 0)
		return -1;
	if (number >= 0) {
		ctl->conf = conf_at(&ctl->all, number);
		return -1;
	}
	if (ctl->all.site_count == 0)
		ctl_warn("--site: the configuration has no [site] section");
	else
		ctl_warn(name == NULL ? "which site? Name it with --site"
				      : "--site: there is no such site");
	if (ctl->all.site_count > 0)
		list_sites(&ctl->all);
	return EX_USAGE;
}

/* Starts to connect; the first use waits for it. */
static int
open_mysql(struct ctl *ctl)
{
	struct pool_options options = pool_options_of(ctl->conf, 1);
	char why[WHY_SIZE] = "out of memory";

	options.connections = 1;
	ctl->pool = pool_open(&options, why, sizeof(why));
	if (ctl->pool != NULL)
		ctl->table = mysql_users_open(ctl->pool);
	if (ctl->table != NULL)
		return -1;
	ctl_warn("[mysql] %s", why);
	return EX_CONFIG;
}

int
ctl_open_redis(struct ctl *ctl)
{
	struct breaker_options options = breaker_options_of(&ctl->all);
	char why[WHY_SIZE] = "out of memory";

	if (options.command_ms < COMMAND_MIN_MS)
		options.command_ms = COMMAND_MIN_MS;
	ctl->breaker = breaker_open(&options, why, sizeof(why));
	if (ctl->breaker == NULL) {
		ctl_warn("[redis] %s", why);
		return EX_CONFIG;
	}
	if (!prober_try(ctl->breaker, why, sizeof(why))) {
		trouble_set(TROUBLE_REDIS, why);
		return ctl_fail(ctl, RESULT_REDIS_DOWN, NULL);
	}
	ctl->link = link_open(ctl->breaker);
	if (ctl->link == NULL)
		return EX_OSERR;
	if (ctl->conf == NULL)
		ctl->conf = conf_at(&ctl->all, 0);
	ctl->sessions = redis_sessions_open(ctl->link, ctl->conf);
	ctl->limits = redis_limits_open(ctl->link, ctl->conf);
	ctl->resets = redis_resets_open(ctl->link, ctl->conf);
	return ctl->sessions != NULL && ctl->limits != NULL &&
		       ctl->resets != NULL
		   ? -1
		   : EX_OSERR;
}

int
ctl_open(struct ctl *ctl, const struct args *args, unsigned int needs)
{
	int status = -1;

	*ctl = (struct ctl){ .by = who_runs_it(),
		.is_json = args_has(args, OPTION_JSON),
		.is_quiet = args_has(args, OPTION_QUIET),
		.is_yes = args_has(args, OPTION_YES) };
	ctl->arena = arena_open();
	if (ctl->arena == NULL)
		return EX_OSERR;
	ctl->call.arena = ctl->arena;
	ctl_reset_deadline(ctl);
	signal(SIGPIPE, SIG_IGN);
	trouble_begin();
	if (needs != 0)
		status = load_conf(ctl, args);
	if (status < 0 && needs != 0 &&
	    (needs & NEED_SITE || args_has(args, OPTION_SITE)))
		status = ctl_choose_site(ctl, args->values[OPTION_SITE]);
	if (status < 0 && needs & NEED_MYSQL)
		status = open_mysql(ctl);
	if (status < 0 && needs & NEED_REDIS)
		status = ctl_open_redis(ctl);
	ctl->stores = (struct stores){ .sessions = ctl->sessions,
		.limits = ctl->limits,
		.resets = ctl->resets };
	return status;
}

void
ctl_close(struct ctl *ctl)
{
	pool_stop(ctl->pool);
	if (ctl->resets != NULL)
		redis_resets_close(ctl->resets);
	if (ctl->limits != NULL)
		redis_limits_close(ctl->limits);
	if (ctl->sessions != NULL)
		redis_sessions_close(ctl->sessions);
	link_close(ctl->link);
	if (ctl->breaker != NULL)
		breaker_close(ctl->breaker);
	mysql_users_close(ctl->table);
	pool_close(ctl->pool);
	conf_all_free(&ctl->all);
	arena_close(ctl->arena);
}

void
ctl_reset_deadline(struct ctl *ctl)
{
	ctl->call.deadline_ms = clock_ms() + STEP_MS;
	ctl->call.lease_wait_until_ms = ctl->call.deadline_ms;
}

void
ctl_begin_step(struct ctl *ctl)
{
	arena_reset(ctl->arena);
	ctl_reset_deadline(ctl);
}

/* Prints the missing right.  command: `SCAN`, or `GET sess:` with a key. */
static void
print_missing_verb(const char *command, const char *prefix)
{
	const char *key = strchr(command, ' ');
	int len = key != NULL ? (int)(key - command) : (int)strlen(command);

	fputs("sessgatectl: the Redis user lacks +", stderr);
	for (int i = 0; i < len; i++)
		fputc(command[i] >= 'A' && command[i] <= 'Z'
			  ? command[i] - 'A' + 'a'
			  : command[i],
		    stderr);
	if (key != NULL)
		fprintf(stderr, " or ~%s%s*", prefix, key + 1);
	fputs(": sessgatectl acl --admin prints what it needs\n", stderr);
}

static int
explain_redis(struct ctl *ctl)
{
	char reason[TROUBLE_SIZE], command[TROUBLE_SIZE];
	bool is_denied;

	trouble_read(TROUBLE_REDIS, reason, command);
	is_denied = strncmp(reason, "NOPERM", 6) == 0 ||
		    strncmp(reason, "WRONGPASS", 9) == 0 ||
		    strncmp(reason, "NOAUTH", 6) == 0;
	ctl_warn(is_denied ? "Redis refuses: %s" : "Redis is away: %s",
	    reason[0] != '\0' ? reason : "no reason known");
	if (strncmp(reason, "NOPERM", 6) == 0 && command[0] != '\0')
		print_missing_verb(command, ctl->conf->redis_key_prefix);
	return is_denied ? EX_NOPERM : CTL_AWAY;
}

/* FAULT: the SQL of the configuration is wrong. */
static int
explain_mysql(enum result result)
{
	char reason[TROUBLE_SIZE], command[TROUBLE_SIZE];
	bool is_denied, is_statement;

	trouble_read(TROUBLE_MYSQL, reason, command);
	is_statement = result == RESULT_FAULT ||
		       (command[0] != '\0' && !strstr(reason, "onnection"));
	is_denied =
	    result == RESULT_REFUSED || strstr(reason, "denied") != NULL;
	if (is_denied) {
		ctl_warn("MySQL refuses: %s", reason);
		ctl_warn("sessgatectl grants prints what its user needs");
		return EX_NOPERM;
	}
	ctl_warn(is_statement ? "[mysql] %s" : "MySQL is away: %s",
	    reason[0] != '\0' ? reason : "no reason known");
	return is_statement ? EX_CONFIG : CTL_AWAY;
}

int
ctl_fail(struct ctl *ctl, enum result result, const char *what)
{
	switch (result) {
	case RESULT_REDIS_DOWN:
		return explain_redis(ctl);
	case RESULT_MYSQL_DOWN:
	case RESULT_FAULT:
	case RESULT_REFUSED:
		return explain_mysql(result);
	default:
		ctl_warn("%s", what != NULL ? what : "the answer is no");
		return CTL_NO;
	}
}
