/* ping: asks one process, and prints and exits as Nagios plugins do. */
#include "config.h"

#include <stdio.h>

#include "base/clock.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/fcgi_ask.h"
#include "ctl/json_line.h"
#include "ctl/ping.h"

enum { PING_OK = 0, PING_CRITICAL = 2, WAIT_MS = 3000, WHY_SIZE = 256 };

/*
 * Sends GET path for one site.  Returns the status; 0: none by deadline_ms
 * (clock_ms), and why has the reason.
 */
static int
ask_site(const struct conf *conf, const char *socket, const char *path,
    int64_t deadline_ms, char why[WHY_SIZE])
{
	const struct fcgi_param params[] = {
		{ "REQUEST_METHOD", "GET" },
		{ "SCRIPT_NAME", conf->server_mount },
		{ "PATH_INFO", path },
		{ "REQUEST_URI", path },
		{ "QUERY_STRING", "" },
		{ "SERVER_PROTOCOL", "HTTP/1.1" },
		{ "REMOTE_ADDR", "127.0.0.1" },
		{ "HTTP_HOST", "localhost" },
		{ "SESSGATE_SITE", conf->site != NULL ? conf->site : "" },
	};

	return fcgi_ask(socket, params, sizeof(params) / sizeof(params[0]),
	    deadline_ms, why, WHY_SIZE);
}

static int
print_state(
    const struct ctl *ctl, bool is_ok, const char *words, int64_t started_us)
{
	double ms = (double)(clock_us() - started_us) / 1000;

	if (ctl->is_json) {
		struct json_writer *line = json_line_begin(ctl->arena);
		char number[32];

		snprintf(number, sizeof(number), "%.1f", ms);
		json_write_bool(line, STR("ok"), is_ok);
		json_write_text(line, STR("state"), str_from(words));
		json_write_name(line, STR("ms"));
		buf_add(line->buf, str_from(number));
		json_line_print(line);
	} else {
		printf("SESSGATE %s - %s | time=%.4fs\n",
		    is_ok ? "OK" : "CRITICAL", words, ms / 1000);
	}
	return is_ok ? PING_OK : PING_CRITICAL;
}

/*
 * /readyz says whether both stores answer, but only to [ops] access.  To others
 * the answer of /auth, 401 without a cookie, says that the process works.
 */
static struct ping
ping_site(struct ctl *ctl, const struct conf *conf, const char *socket,
    int64_t deadline_ms)
{
	char why[WHY_SIZE];
	int status = ask_site(conf, socket, "/readyz", deadline_ms, why);

	if (status == 200)
		return (struct ping){ true, "it serves, both stores answer" };
	if (status == 404 || status == 403)
		status = ask_site(conf, socket, "/auth", deadline_ms, why);
	if (status == 401 || status == 403)
		return (struct ping){ true, "it answers" };
	if (status == 503)
		return (
		    struct ping){ false, "it answers, but a store is away" };
	if (status == 0)
		return (struct ping){ false, ctl_shown(ctl, str_from(why)) };
	return (struct ping){ false, "it answers with an error" };
}

/* Returns `site NAME: words`; words if the site has no name. */
static const char *
name_site(struct ctl *ctl, const struct conf *conf, const char *words)
{
	struct buf text = buf_open(ctl->arena, 2 * WHY_SIZE);

	if (conf->site == NULL)
		return words;
	buf_add(&text, STR("site "));
	buf_add(&text, str_from(conf->site));
	buf_add(&text, STR(": "));
	buf_add(&text, str_from(words));
	return arena_cstr(ctl->arena, buf_str(&text));
}

struct ping
ping_process(struct ctl *ctl, const struct conf *only, const char *socket)
{
	int64_t deadline_ms = clock_ms() + WAIT_MS;
	struct ping ping = { .is_ok = true };

	for (int i = 0; i < conf_count(&ctl->all) && ping.is_ok; i++) {
		const struct conf *conf = conf_at(&ctl->all, i);

		if (only != NULL && conf != only)
			continue;
		ping = ping_site(ctl, conf, socket, deadline_ms);
		if (!ping.is_ok)
			ping.words = name_site(ctl, conf, ping.words);
	}
	return ping;
}

int
cmd_ping(struct ctl *ctl, const struct args *args)
{
	const char *socket = args_has(args, OPTION_SOCKET)
				 ? args->values[OPTION_SOCKET]
				 : PING_SOCKET;
	int64_t started_us = clock_us();
	struct ping ping = ping_process(ctl, ctl->conf, socket);

	return print_state(ctl, ping.is_ok, ping.words, started_us);
}
