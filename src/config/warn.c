/*
 * Warnings of --check-config about settings that are allowed, but probably
 * mistakes.
 */
#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/conf.h"
#include "config/setting.h"

/* Names of the users that run PHP on common systems. */
static const char *const web_users[] = { "www-data", "apache", "httpd", "nginx",
	"lighttpd", "http", "www", "wwwrun", "_www" };

/* Variables with the prefix SESSGATE_ that are neither options nor mistakes. */
static const char *const other_variables[] = { "SESSGATE_CONFIG",
	"SESSGATE_ROLE", "SESSGATE_SITE" };

static bool
is_among(struct str s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(s, str_from(words[i])))
			return true;
	return false;
}

#define IS_AMONG(s, words) \
	is_among(s, words, sizeof(words) / sizeof((words)[0]))

static int
warn_user(const char *user, FILE *out)
{
	if (!IS_AMONG(str_from(user), web_users))
		return 0;
	fprintf(out,
	    "warning: running as %s, the web server's user: every PHP script "
	    "could read the database password; prefer spawn-fcgi -u sessgate "
	    "or systemd\n",
	    user);
	return 1;
}

static void
begin_warning(const struct conf *conf, FILE *out)
{
	fputs("warning: ", out);
	if (conf->site != NULL)
		fprintf(out, "site \"%s\": ", conf->site);
}

/*
 * Warns if others may read a file.  Its group may, if it is the group of the
 * process.
 */
static int
warn_readable(
    const struct conf *conf, const char *option, const char *path, FILE *out)
{
	struct stat st;
	mode_t others = S_IRWXO;

	if (path[0] == '\0' || stat(path, &st) != 0)
		return 0;
	if (st.st_gid != getegid())
		others |= S_IRWXG;
	if ((st.st_mode & others) == 0)
		return 0;
	begin_warning(conf, out);
	fprintf(out,
	    "%s: others may read %s (mode %04o): chmod 0640, and give it the "
	    "group that sessgate runs with\n",
	    option, path, (unsigned)st.st_mode & 07777);
	return 1;
}

static int
warn_secrets(const struct conf *conf, FILE *out)
{
	return warn_readable(
	    conf, "[session] secret_file", conf->session_secret_file, out);
}

static int
warn_limit_account(const struct conf *conf, FILE *out)
{
	if (conf->secrets.count > 0 || conf->login_limit_account.most == 0 ||
	    !conf->is_set[CONF_OPTION_login_limit_account])
		return 0;
	begin_warning(conf, out);
	fputs("[login] limit_account has no effect without [session] "
	      "secret_file\n",
	    out);
	return 1;
}

static int
warn_proxies(const struct conf *conf, FILE *out)
{
	const struct conf_nets *nets = &conf->server_trusted_proxies;

	for (size_t i = 0; i < nets->count; i++) {
		if (nets->nets[i].prefix_len > 0)
			continue;
		fputs("warning: [server] trusted_proxies names everybody: "
		      "clients can claim any address; name the proxies only\n",
		    out);
		return 1;
	}
	return 0;
}

/*
 * Warns of the keys of all urls.  Most urls have one key, which is reported
 * once.
 */
static int
warn_tls_keys(const struct conf *conf, FILE *out)
{
	const struct conf_database *databases = conf->databases;
	int count = 0;

	for (int i = 0; i < conf->database_count; i++)
		if (i == 0 ||
		    strcmp(databases[i].tls_key, databases[i - 1].tls_key) != 0)
			count += warn_readable(
			    conf, "[mysql] tls_key", databases[i].tls_key, out);
	return count;
}

/*
 * Writes the warnings of one site.  The caller has warned of an inherited
 * secret_file.
 */
static int
warn_site(const struct conf *conf, FILE *out)
{
	int count = warn_limit_account(conf, out);

	if (conf->is_own[CONF_OPTION_session_secret_file])
		count += warn_secrets(conf, out);
	if (conf->site == NULL || conf->is_own[CONF_OPTION_mysql_tls_key])
		count += warn_tls_keys(conf, out);
	return count;
}

/*
 * Warns of an unknown variable.  conf_load has checked the variables of known
 * sections already.
 */
static int
warn_variable(struct str name, FILE *out)
{
	char nearest[SETTING_ENV_SIZE];

	if (!str_starts(name, STR("SESSGATE_")) ||
	    IS_AMONG(name, other_variables) ||
	    setting_find_env_section(name) != NULL)
		return 0;
	setting_env_name(setting_nearest_env(name), nearest);
	fprintf(out, "warning: %.*s is no option; the nearest is %s\n",
	    STR_ARG(name), nearest);
	return 1;
}

int
conf_warn(const struct conf_all *all, const struct conf_source *source,
    const char *user, FILE *out)
{
	char *const *variable = source->environ;
	int count = warn_user(user, out) + warn_secrets(&all->common, out) +
		    warn_readable(&all->common, "[redis] tls_key",
			all->common.redis_tls_key, out) +
		    warn_proxies(&all->common, out);

	for (int i = 0; i < conf_count(all); i++)
		count += warn_site(conf_at(all, i), out);
	for (; variable != NULL && *variable != NULL; variable++) {
		struct str value = str_from(*variable);

		count += warn_variable(str_cut(&value, '='), out);
	}
	return count;
}
