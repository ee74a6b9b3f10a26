/*
 * mod_sessgate: the gate of sessgate in Apache httpd 2.4.
 *
 * The directives, and the hooks; doc/gate.md describes them for administrators.
 */
#include <stdbool.h>
#include <sys/un.h>

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <ap_mpm.h>
#include <ap_provider.h>
#include <apr_strings.h>

#include "apache/caching.h"
#include "apache/gate.h"
#include "apache/kept.h"
#include "apache/module.h"

enum { TIME_MAX_MS = 60 * 1000, KEPT_MIN = 16, KEPT_MAX = 512 };

static const char default_socket[] = "/run/sessgate/sessgate.sock";
static const struct ask_times default_times = { 50, 500, 1000 };

static void *
create_place(apr_pool_t *pool, char *path)
{
	struct place_conf *place = apr_pcalloc(pool, sizeof(*place));

	(void)path;
	place->guards = UNSET;
	place->forwards_authorization = UNSET;
	place->sets_headers = UNSET;
	return place;
}

static int
merge_flag(int outer, int inner)
{
	return inner != UNSET ? inner : outer;
}

static void *
merge_places(apr_pool_t *pool, void *outer_conf, void *inner_conf)
{
	const struct place_conf *outer = outer_conf, *inner = inner_conf;
	struct place_conf *place = apr_palloc(pool, sizeof(*place));

	place->guards = merge_flag(outer->guards, inner->guards);
	place->forwards_authorization = merge_flag(
	    outer->forwards_authorization, inner->forwards_authorization);
	place->sets_headers =
	    merge_flag(outer->sets_headers, inner->sets_headers);
	place->site = inner->site != NULL ? inner->site : outer->site;
	return place;
}

static void *
create_server(apr_pool_t *pool, server_rec *s)
{
	(void)s;
	return apr_pcalloc(pool, sizeof(struct server_conf));
}

static void *
merge_servers(apr_pool_t *pool, void *outer_conf, void *inner_conf)
{
	const struct server_conf *outer = outer_conf, *inner = inner_conf;
	struct server_conf *conf = apr_pcalloc(pool, sizeof(*conf));

	conf->socket = inner->socket != NULL ? inner->socket : outer->socket;
	conf->times = inner->times.total_ms != 0 ? inner->times : outer->times;
	return conf;
}

static struct server_conf *
server_conf_in(const server_rec *s)
{
	return ap_get_module_config(s->module_config, &sessgate_module);
}

static const char *
set_socket(cmd_parms *cmd, void *place, const char *word)
{
	const char *path = ap_server_root_relative(cmd->pool, word);

	(void)place;
	if (path == NULL || *word == '\0')
		return "SessgateSocket: no path";
	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return apr_psprintf(cmd->pool,
		    "SessgateSocket: longer than a unix socket's path may be: "
		    "%s",
		    path);
	server_conf_in(cmd->server)->socket = path;
	return NULL;
}

/* Reads 1 ms to a minute; a number without a unit is in seconds. */
static const char *
read_time(cmd_parms *cmd, const char *word, int *ms)
{
	apr_interval_time_t time;

	if (ap_timeout_parameter_parse(word, &time, "s") != APR_SUCCESS ||
	    time < apr_time_from_msec(1) ||
	    time > apr_time_from_msec(TIME_MAX_MS))
		return apr_psprintf(cmd->pool,
		    "SessgateTimeout: not a time from 1ms to 60s: %s", word);
	*ms = (int)apr_time_as_msec(time);
	return NULL;
}

/* The words are TOTAL, which then limits a read, too, or CONNECT READ TOTAL. */
static const char *
set_timeout(cmd_parms *cmd, void *place, const char *first, const char *second,
    const char *third)
{
	struct ask_times times = default_times;
	const char *why = NULL;

	(void)place;
	if (second == NULL) {
		why = read_time(cmd, first, &times.total_ms);
		times.read_ms = times.total_ms;
	} else {
		why = read_time(cmd, first, &times.connect_ms);
		if (why == NULL)
			why = read_time(cmd, second, &times.read_ms);
		if (why == NULL)
			why = read_time(cmd, third, &times.total_ms);
	}
	if (why == NULL)
		server_conf_in(cmd->server)->times = times;
	return why;
}

#define FLAG(name, field, help) \
	AP_INIT_FLAG(name, ap_set_flag_slot, \
	    (void *)APR_OFFSETOF(struct place_conf, field), \
	    RSRC_CONF | ACCESS_CONF, help)

/*
 * No directive is allowed in .htaccess: its author must not open the gate.
 * NOLINTBEGIN(performance-no-int-to-ptr): httpd's way to name a member.
 */
static const command_rec directives[] = {
	AP_INIT_TAKE1("SessgateSocket", set_socket, NULL, RSRC_CONF,
	    "the unix socket on which sessgate listens"),
	AP_INIT_TAKE13("SessgateTimeout", set_timeout, NULL, RSRC_CONF,
	    "how long to wait: TOTAL, or CONNECT READ TOTAL"),
	FLAG("SessgateGuard", guards,
	    "on: pages are for those whom sessgate lets in"),
	FLAG("SessgateForwardAuthorization", forwards_authorization,
	    "on: pages see the Authorization that a client sent"),
	FLAG("SessgateProxyHeaders", sets_headers,
	    "on: X-Sessgate-User and others tell an application who it is"),
	AP_INIT_TAKE1("SessgateSite", ap_set_string_slot,
	    (void *)APR_OFFSETOF(struct place_conf, site),
	    RSRC_CONF | ACCESS_CONF,
	    "the [site] of sessgate whose sessions count"),
	{ NULL }
};
/* NOLINTEND(performance-no-int-to-ptr) */

static void
complete_conf(struct server_conf *conf)
{
	if (conf->socket == NULL)
		conf->socket = default_socket;
	if (conf->times.total_ms == 0)
		conf->times = default_times;
}

/* True if virtual hosts may share connections: ask.c sets read_ms on them. */
static bool
share_connections(const struct server_conf *one, const struct server_conf *two)
{
	return strcmp(one->socket, two->socket) == 0 &&
	       one->times.read_ms == two->times.read_ms;
}

static struct kept *
kept_for(apr_pool_t *pool, server_rec *first, const server_rec *s, int max)
{
	const struct server_conf *conf = server_conf_in(s);

	for (; first != s; first = first->next)
		if (share_connections(server_conf_in(first), conf))
			return server_conf_in(first)->kept;
	return kept_open(pool, conf->socket, max);
}

/* Each process has connections of its own. */
static void
start_process(apr_pool_t *pool, server_rec *first)
{
	int max = 0;

	if (ap_mpm_query(AP_MPMQ_MAX_THREADS, &max) != APR_SUCCESS ||
	    max < KEPT_MIN)
		max = KEPT_MIN;
	if (max > KEPT_MAX)
		max = KEPT_MAX;
	for (server_rec *s = first; s != NULL; s = s->next) {
		complete_conf(server_conf_in(s));
		server_conf_in(s)->kept = kept_for(pool, first, s, max);
	}
}

static void
register_hooks(apr_pool_t *pool)
{
	caching_register();
	ap_hook_child_init(start_process, NULL, NULL, APR_HOOK_MIDDLE);
	ap_hook_post_perdir_config(
	    gate_check, NULL, NULL, APR_HOOK_REALLY_FIRST);
	ap_hook_check_authn(gate_authenticate, NULL, NULL, APR_HOOK_FIRST,
	    AP_AUTH_INTERNAL_PER_CONF);
	ap_hook_fixups(gate_hold, NULL, NULL, APR_HOOK_REALLY_FIRST);
	ap_hook_fixups(gate_pass, NULL, NULL, APR_HOOK_REALLY_LAST);
	ap_hook_insert_filter(caching_insert, NULL, NULL, APR_HOOK_LAST);
	ap_hook_insert_error_filter(caching_insert, NULL, NULL, APR_HOOK_LAST);
	ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "sessgate-role",
	    AUTHZ_PROVIDER_VERSION, &gate_role_provider,
	    AP_AUTH_INTERNAL_PER_CONF);
}

AP_DECLARE_MODULE(sessgate) = { STANDARD20_MODULE_STUFF, create_place,
	merge_places, create_server, merge_servers, directives, register_hooks,
	AP_MODULE_FLAG_NONE };
