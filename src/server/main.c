/* The command line. */
#include "config.h"

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
#include "server/sites.h"
#include "server/run.h"

extern char **environ;

enum mode { MODE_RUN, MODE_CHECK, MODE_PRINT };

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

/* -1: continue; otherwise the exit status. */
static int
read_command_line(int argc, char **argv, struct command_line *line)
{
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

/* EX_OK: at least one listener is open.  Otherwise the error is printed. */
static int
open_listeners(const struct command_line *line, const struct conf_all *conf,
    struct listeners *listeners)
{
	char why[512];

	if (!listen_inherit(listeners,
		conf->common.server_tcp_role == CONF_TCP_ROLE_API, why,
		sizeof(why)))
		return usage_error(why, NULL);
	for (size_t i = 0; i < line->listen_count; i++) {
		enum listen_outcome outcome = listen_open(
		    listeners, line->listens[i], conf, why, sizeof(why));

		if (outcome == LISTEN_OPENED)
			continue;
		fprintf(stderr, "sessgate: --listen %s\n", why);
		return outcome == LISTEN_SENSELESS ? EX_USAGE : EX_OSERR;
	}
	if (listeners->count > 0)
		return EX_OK;
	return usage_error("no listening socket",
	    "the standard input is none, and there is no --listen");
}

static bool
open_log(const struct conf *conf)
{
	log_set_format(
	    conf->log_format == CONF_LOG_JSON ? LOG_JSON : LOG_PLAIN);
	if (!log_open(conf->log_target))
		perror("sessgate: [log] target");
	else if (!log_open_audit(conf->log_audit))
		perror("sessgate: [log] audit");
	else
		return true;
	return false;
}

static int
serve_until_stopped(const struct command_line *line,
    const struct conf_all *conf, const struct themes *themes)
{
	struct listeners listeners = { .count = 0 };
	int status;

	/* LeakSanitizer, as gdb, needs ptrace, which this would forbid */
#if !defined(ARENA_MALLOC) && !defined(ENABLE_DEBUG)
	prctl(PR_SET_DUMPABLE, 0); /* a core dump would hold passwords */
#endif
	if (!open_log(&conf->common))
		return EX_CONFIG;
	status = open_listeners(line, conf, &listeners);
	if (status != EX_OK)
		return status;
	if (!codec_init()) {
		perror("sessgate: libfcgi");
		return EX_OSERR;
	}
	return run(conf, themes, &listeners);
}

int
main(int argc, char **argv)
{
	struct command_line line = { .mode = MODE_RUN };
	int status = read_command_line(argc, argv, &line);
	struct conf_source source;
	struct conf_all conf;
	struct themes themes;

	if (status >= 0)
		return status;
	source = conf_source_of(line.file, environ);
	if (!conf_load(&source, &conf, stderr))
		return EX_CONFIG;
	switch (line.mode) {
	case MODE_CHECK:
		status = check_config(&conf, &source, line.is_offline);
		break;
	case MODE_PRINT:
		conf_print(&conf, stdout);
		status = EX_OK;
		break;
	case MODE_RUN:
		status = EX_CONFIG;
		if (themes_open(&themes, &conf, stderr)) {
			status = serve_until_stopped(&line, &conf, &themes);
			themes_close(&themes);
		}
		break;
	}
	conf_all_free(&conf);
	return status;
}
