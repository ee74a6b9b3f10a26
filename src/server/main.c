/* The command line. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "config/conf.h"
#include "fcgi/codec.h"
#include "fcgi/listen.h"
#include "server/check.h"
#include "server/notify.h"
#include "server/reload.h"
#include "server/run.h"
#include "server/signals.h"
#include "server/sites.h"

enum mode { MODE_RUN, MODE_CHECK, MODE_PRINT };

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "listen", required_argument, NULL, 'l' },
	{ "check-config", no_argument, NULL, 'k' },
	{ "offline", no_argument, NULL, 'o' },
	{ "print-config", no_argument, NULL, 'p' },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct command_line {
	enum mode mode;
	bool is_offline;  /* --offline */
	const char *file; /* --config */
	const char *listens[LISTEN_MAX];
	size_t listen_count;
};

static void
print_help(FILE *out)
{
	fputs(
	    "usage: sessgate [--config FILE] [--listen ADDRESS]...\n"
	    "       sessgate [--config FILE] --check-config [--offline]\n"
	    "       sessgate [--config FILE] --print-config\n"
	    "\n"
	    "The session gate for LAMP hosting: a FastCGI process, started by\n"
	    "spawn-fcgi, lighttpd, Apache mod_fcgid or systemd with a "
	    "listening\n"
	    "socket as its standard input, or with --listen.\n"
	    "\n"
	    "  --config FILE     read FILE instead of " CONF_DEFAULT_FILE "\n"
	    "  --listen ADDRESS  unix:PATH[,mode=0660] or "
	    "HOST:PORT[,role=api|gate],\n"
	    "                    either with [,site=NAME]; may be given more "
	    "than once\n"
	    "  --check-config    read the configuration, try Redis and MySQL, "
	    "and exit\n"
	    "  --offline         with --check-config: try neither of them\n"
	    "  --print-config    print the values in force, without secrets, "
	    "and exit\n"
	    "  --version         print the version and exit\n"
	    "  --help            print this and exit\n"
	    "\n"
	    "Every option of the file can be set by the environment as\n"
	    "SESSGATE_<SECTION>_<KEY>; see sessgate.conf(5).\n",
	    out);
}

static int
usage_error(const char *words, const char *detail)
{
	fprintf(stderr, "sessgate: %s%s%s\n", words, detail ? ": " : "",
	    detail ? detail : "");
	fputs("Try 'sessgate --help'.\n", stderr);
	return EX_USAGE;
}

/* Returns -1 to continue, otherwise the exit status. */
static int
read_command_line(int argc, char **argv, struct command_line *line)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			line->file = optarg;
			break;
		case 'l':
			if (line->listen_count == LISTEN_MAX)
				return usage_error("too many --listen", NULL);
			line->listens[line->listen_count++] = optarg;
			break;
		case 'k':
			line->mode = MODE_CHECK;
			break;
		case 'o':
			line->is_offline = true;
			break;
		case 'p':
			line->mode = MODE_PRINT;
			break;
		case 'v':
			puts(PACKAGE_NAME " " PACKAGE_VERSION);
			return EX_OK;
		case 'h':
			print_help(stdout);
			return EX_OK;
		default:
			fputs("Try 'sessgate --help'.\n", stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc)
		return usage_error("unexpected argument", argv[optind]);
	if (line->is_offline && line->mode != MODE_CHECK)
		return usage_error("--offline is for --check-config", NULL);
	return -1;
}

/* Prints why the program cannot serve, and notes it for a reload. */
static int
start_error(struct reload *reload, int status, const char *words)
{
	reload_note(reload, "%s", words);
	if (status == EX_USAGE)
		return usage_error(words, NULL);
	fprintf(stderr, "sessgate: %s\n", words);
	return status;
}

/*
 * Opens the inherited listeners and those of --listen.  EX_OK: there is at
 * least one.  Otherwise returns the exit status; the error was printed.
 */
static int
open_listeners(const struct command_line *line, const struct conf_all *conf,
    struct listeners *listeners, struct reload *reload)
{
	char why[512], words[sizeof(why) + 16];

	if (!listen_inherit(listeners,
		conf->common.server_tcp_role == CONF_TCP_ROLE_API, why,
		sizeof(why)))
		return start_error(reload, EX_USAGE, why);
	for (size_t i = 0; i < line->listen_count; i++) {
		enum listen_outcome outcome =
		    listen_open(listeners, line->listens[i],
			reload_listen_fd(reload, i), conf, why, sizeof(why));

		if (outcome == LISTEN_OPENED)
			continue;
		snprintf(words, sizeof(words), "--listen %s", why);
		fprintf(stderr, "sessgate: %s\n", words);
		reload_note(reload, "%s", words);
		return outcome == LISTEN_SENSELESS ? EX_USAGE : EX_OSERR;
	}
	if (listeners->count > 0)
		return EX_OK;
	return start_error(reload, EX_USAGE,
	    "no listening socket: the standard input is none, and there is no "
	    "--listen; spawn-fcgi or systemd opens one, or --listen unix:PATH");
}

static bool
open_log(const struct conf *conf, struct reload *reload)
{
	const char *option = "target", *value = conf->log_target;
	char why[PATH_MAX + 256];

	log_set_format(
	    conf->log_format == CONF_LOG_JSON ? LOG_JSON : LOG_PLAIN);
	if (log_open(conf->log_target)) {
		option = "audit";
		value = conf->log_audit;
		if (log_open_audit(conf->log_audit))
			return true;
	}
	snprintf(why, sizeof(why), "[log] %s: %s: %s", option, value,
	    strerror(errno));
	start_error(reload, EX_CONFIG, why);
	return false;
}

static int
serve_until_stopped(const struct command_line *line,
    const struct conf_all *conf, const struct themes *themes,
    struct reload *reload)
{
	struct listeners listeners = { .count = 0 };
	char why[256];
	int status;

	/* LeakSanitizer and gdb need ptrace, which the prctl would forbid */
#if !defined(ARENA_MALLOC) && !defined(ENABLE_DEBUG)
	prctl(PR_SET_DUMPABLE, 0); /* a core dump would hold passwords */
#endif
	if (!open_log(&conf->common, reload))
		return EX_CONFIG;
	status = open_listeners(line, conf, &listeners, reload);
	reload_keep(reload, &listeners);
	if (status != EX_OK)
		return status;
	if (reload->part == RELOAD_TRIAL) {
		reload_serves(reload);
		return EX_OK;
	}
	if (!codec_init()) {
		snprintf(why, sizeof(why), "libfcgi: %s", strerror(errno));
		return start_error(reload, EX_OSERR, why);
	}
	return run(conf, themes, &listeners, reload);
}

/* Reads configuration and pages.  False: the errors were printed. */
static bool
load_all(const struct conf_source *source, struct conf_all *conf,
    struct themes *themes, struct reload *reload)
{
	char *text = NULL;
	size_t len;
	FILE *errors = open_memstream(&text, &len);
	bool is_loaded = false;

	if (errors == NULL)
		return false;
	if (conf_load(source, conf, errors)) {
		is_loaded = themes_open(themes, conf, errors);
		if (!is_loaded)
			conf_all_free(conf);
	}
	if (fclose(errors) == 0) {
		fputs(text, stderr);
		reload_note(reload, "%s", text);
	}
	free(text);
	return is_loaded;
}

/*
 * Returns the exit status.  After a successful reload it does not return: the
 * process becomes the new program.
 */
static int
load_and_serve(const struct command_line *line,
    const struct conf_source *source, char **argv)
{
	struct reload reload;
	struct conf_all conf;
	struct themes themes;
	int status = EX_CONFIG;

	signals_block(); /* a SIGHUP may come as soon as the socket is there */
	reload_open(&reload, argv);
	if (reload.part == RELOAD_NONE || reload.part == RELOAD_SUCCESSOR)
		notify_open();
	if (load_all(source, &conf, &themes, &reload)) {
		status = serve_until_stopped(line, &conf, &themes, &reload);
		themes_close(&themes);
		conf_all_free(&conf);
	}
	if (reload.is_leaving) {
		reload_exec(&reload);
		status = EX_OSERR;
	}
	return status == EX_OK ? EX_OK : reload_failed(&reload, status);
}

int
main(int argc, char **argv)
{
	struct command_line line = { .mode = MODE_RUN };
	struct conf_source source;
	struct conf_all conf;
	int status;

	status = read_command_line(argc, argv, &line);
	if (status >= 0)
		return status;
	source = conf_source_of(line.file, environ);
	if (line.mode == MODE_RUN)
		return load_and_serve(&line, &source, argv);
	if (!conf_load(&source, &conf, stderr))
		return EX_CONFIG;
	status = EX_OK;
	if (line.mode == MODE_CHECK)
		status = check_config(&conf, &source, line.is_offline);
	else
		conf_print(&conf, stdout);
	conf_all_free(&conf);
	return status;
}
