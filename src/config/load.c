/* Loading the configuration from the file and the environment. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/conf.h"
#include "config/draft.h"
#include "config/effective.h"
#include "config/ini.h"
#include "config/validate.h"
#include "config/setting.h"
#include "config/site.h"
#include "config/quote.h"
#include "config/value.h"

#define FILE_MAX_LEN ((size_t)1 << 20)

/* The two variables that other web applications read, too. */
static const struct {
	const char *name;
	enum conf_option option;
} url_variables[] = {
	{ "REDIS_URL", CONF_OPTION_redis_url },
	{ "DATABASE_URL", CONF_OPTION_mysql_url },
};

struct loading {
	struct draft common;
	struct draft_errors errors;
	struct site_drafts sites;
	/*
	 * The section of the current line.  One of these two is set; neither,
	 * if the section is unknown.
	 */
	struct str section;
	struct draft *site;
};

static void
enter_section(
    struct loading *loading, struct draft_source source, struct str name)
{
	char quoted[QUOTE_SIZE];

	loading->section = STR_NONE;
	loading->site = NULL;
	if (setting_find_section(name) != NULL) {
		loading->section = name;
	} else if (site_is_section(name)) {
		loading->site = site_enter(&loading->sites, source, name);
	} else {
		quote_text(name, quoted);
		draft_error(&loading->common, source,
		    "unknown section %s; the nearest is [%s]", quoted,
		    setting_nearest_section(name)->name);
	}
}

static void
set_key(struct draft *draft, struct draft_source source, struct str section,
    const struct ini_item *item)
{
	const struct setting *setting = setting_find(section, item->name);
	char quoted[QUOTE_SIZE];

	if (setting != NULL) {
		draft_set(draft, setting, DRAFT_FILE, source, item->value);
		return;
	}
	setting = setting_nearest(section, item->name);
	quote_text(item->name, quoted);
	draft_error(draft, source,
	    "unknown key %s in [%.*s]; the nearest is %s in [%s]", quoted,
	    STR_ARG(section), setting->key, setting->section);
}

static void
apply_bytes(struct loading *loading, char *bytes, size_t len)
{
	struct draft *draft = &loading->common;
	struct ini ini = ini_open(bytes, len);
	bool has_section = false;
	struct ini_item item;

	while (ini_next(&ini, &item)) {
		struct draft_source source = { .name = str_from(draft->file),
			.line_no = item.line_no };

		if (item.kind == INI_WRONG) {
			draft_error(draft, source, "%s", item.words);
		} else if (item.kind == INI_SECTION) {
			has_section = true;
			enter_section(loading, source, item.name);
		} else if (!has_section) {
			draft_error(draft, source,
			    "a key stands before the first [section]");
		} else if (loading->site != NULL) {
			site_set_key(loading->site, source, &item);
		} else if (!str_is_none(loading->section)) {
			set_key(draft, source, loading->section, &item);
		}
	}
}

static void
apply_file(struct loading *loading, const struct conf_source *source)
{
	size_t len = 0;
	char *bytes = file_read_new(source->file, FILE_MAX_LEN, &len);

	if (bytes != NULL) {
		apply_bytes(loading, bytes, len);
		explicit_bzero(bytes, FILE_MAX_LEN);
		free(bytes);
	} else if (errno != ENOENT || source->is_file_named) {
		draft_error(&loading->common,
		    (struct draft_source){ .name = str_from(source->file) },
		    "%s", strerror(errno));
	}
}

/*
 * Sets an option from REDIS_URL or DATABASE_URL.  An empty variable counts as
 * unset, as in web frameworks.
 */
static void
apply_url(struct draft *draft, struct str name, struct str value)
{
	struct draft_source source = { .name = name };

	for (size_t i = 0; i < sizeof(url_variables) / sizeof(url_variables[0]);
	     i++)
		if (str_eq(name, str_from(url_variables[i].name)) &&
		    value.len > 0)
			draft_set(draft,
			    &setting_table[url_variables[i].option], DRAFT_URL,
			    source, value);
}

/*
 * Sets an option from its variable.  A variable that begins with
 * SESSGATE_<SECTION>_ and is no option is an error.
 */
static void
apply_variable(struct draft *draft, struct str name, struct str value)
{
	const struct setting *setting = setting_find_env(name);
	struct draft_source source = { .name = name };
	char nearest[SETTING_ENV_SIZE];

	if (setting != NULL) {
		draft_set(draft, setting, DRAFT_ENV, source, value);
	} else if (setting_find_env_section(name) != NULL) {
		setting_env_name(setting_nearest_env(name), nearest);
		draft_error(draft, source, "unknown option; the nearest is %s",
		    nearest);
	}
}

static void
apply_environ(struct draft *draft, char *const *environ,
    void (*apply)(struct draft *, struct str, struct str))
{
	for (; environ != NULL && *environ != NULL; environ++) {
		struct str value = str_from(*environ);
		struct str name = str_cut(&value, '=');

		if (!str_is_none(value))
			apply(draft, name, value);
	}
}

static bool
is_same_part(const char *a, const char *b)
{
	return str_eq(str_from(a), str_from(b));
}

static bool
is_same_server(const struct mysql_url *a, const struct mysql_url *b)
{
	if (a->socket != NULL || b->socket != NULL)
		return a->socket != NULL && b->socket != NULL &&
		       is_same_part(a->socket, b->socket);
	return is_same_part(a->host, b->host) && a->port == b->port;
}

/*
 * Returns NULL, or the error of the URL.  The servers must have one database
 * name and one user, because the statements and the grants are the same for
 * all.
 */
static const char *
url_fault(const struct conf *conf, int number)
{
	const struct mysql_url *first = &conf->databases[0].url;
	const struct mysql_url *url = &conf->databases[number].url;

	if (first->host == NULL)
		/* the first url is malformed, which was reported */
		return NULL;
	if (!is_same_part(url->database, first->database))
		return "names another database than the first url";
	if (!is_same_part(url->user, first->user))
		return "names another user than the first url";
	for (int i = 0; i < number; i++)
		if (is_same_server(url, &conf->databases[i].url))
			return "names a server that an url before names";
	return NULL;
}

static void
parse_databases(struct draft *draft)
{
	struct conf *conf = draft->conf;
	struct str lines = str_from(conf->mysql_url);
	const char *why = NULL;

	for (int i = 0; !str_is_none(lines); i++) {
		if (i == CONF_DATABASES_MAX) {
			draft_error_in_url(draft, i, "only 9 are allowed");
			return;
		}
		if (url_parse_mysql(
			str_cut(&lines, '\n'), &conf->databases[i].url, &why)) {
			conf->database_count = i + 1;
			why = url_fault(conf, i);
		}
		if (why != NULL)
			draft_error_in_url(draft, i, why);
	}
}

/* Parses the URLs.  needs_database: the draft is that of a site. */
static void
parse_urls(struct draft *draft, bool needs_database)
{
	struct conf *conf = draft->conf;
	const char *why;

	if (!draft->is_bad[CONF_OPTION_redis_url] &&
	    !url_parse_redis(conf->redis_url, &conf->redis, &why))
		draft_error_in(draft, CONF_OPTION_redis_url, why);
	if (draft->is_bad[CONF_OPTION_mysql_url])
		return;
	if (conf->mysql_url[0] != '\0')
		parse_databases(draft);
	else if (needs_database)
		draft_error_in(draft, CONF_OPTION_mysql_url,
		    "no database: set [mysql] url or DATABASE_URL");
}

static void
load_secrets(struct draft *draft)
{
	struct conf *conf = draft->conf;
	const char *path = conf->session_secret_file, *why;
	char words[VALUE_WHY_SIZE];

	if (path[0] == '\0' || draft->is_bad[CONF_OPTION_session_secret_file] ||
	    secret_file_load(path, &conf->secrets, &why))
		return;
	snprintf(words, sizeof(words), "%s: %s", path, why);
	draft_error_in(draft, CONF_OPTION_session_secret_file, words);
}

static void
load_denied(struct draft *draft)
{
	struct conf *conf = draft->conf;
	const char *path = conf->login_password_denied, *why;
	char words[VALUE_WHY_SIZE];

	if (path[0] == '\0' ||
	    draft->is_bad[CONF_OPTION_login_password_denied] ||
	    denied_file_load(path, &conf->denied, &why))
		return;
	snprintf(words, sizeof(words), "%s: %s", path, why);
	draft_error_in(draft, CONF_OPTION_login_password_denied, words);
}

/* Checks that a file can be read.  A library reads it later. */
static void
require_file(struct draft *draft, enum conf_option option)
{
	const char *const *path =
	    setting_value(&setting_table[option], draft->conf);
	char words[VALUE_WHY_SIZE];

	if ((*path)[0] == '\0' || draft->is_bad[option] ||
	    access(*path, R_OK) == 0)
		return;
	snprintf(words, sizeof(words), "%s: %s", *path, strerror(errno));
	draft_error_in(draft, option, words);
}

static void
require_files(struct draft *draft)
{
	static const enum conf_option options[] = { CONF_OPTION_redis_tls_ca,
		CONF_OPTION_redis_tls_cert, CONF_OPTION_redis_tls_key,
		CONF_OPTION_mysql_tls_ca, CONF_OPTION_mysql_tls_cert,
		CONF_OPTION_mysql_tls_key };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		require_file(draft, options[i]);
}

/* Parses the URLs, reads the named files and derives the effective values. */
static void
settle_conf(
    struct draft *draft, const struct conf_source *source, bool is_a_sites)
{
	draft_settle_secrets(draft);
	parse_urls(draft, is_a_sites);
	load_secrets(draft);
	load_denied(draft);
	require_files(draft);
	if (!effective_settle(draft->conf, source->cores))
		draft_error_in(draft, CONF_OPTION_cookie_name, "no memory");
}

static void
settle_all(struct loading *loading, const struct conf_source *source)
{
	struct site_drafts *sites = &loading->sites;

	if (!draft_is_whole(&loading->common))
		return;
	settle_conf(&loading->common, source, sites->all->site_count == 0);
	validate_common(&loading->common);
	if (sites->all->site_count == 0)
		validate_site(&loading->common);
	for (int i = 0; i < sites->all->site_count; i++) {
		draft_inherit(&sites->drafts[i], &loading->common);
		if (!draft_is_whole(&sites->drafts[i]))
			return;
		settle_conf(&sites->drafts[i], source, true);
		validate_site(&sites->drafts[i]);
	}
	site_validate_prefixes(sites);
}

struct conf_source
conf_source_of(const char *file, char *const *environ)
{
	const char *named = file != NULL ? file : getenv("SESSGATE_CONFIG");

	return (struct conf_source){
		.file = named != NULL ? named : CONF_DEFAULT_FILE,
		.is_file_named = named != NULL,
		.environ = environ,
	};
}

bool
conf_load(const struct conf_source *source, struct conf_all *all, FILE *errors)
{
	struct loading loading = { .errors = { .out = errors } };

	*all = (struct conf_all){ .site_count = 0 };
	loading.sites =
	    (struct site_drafts){ .all = all, .common = &loading.common };
	draft_open(
	    &loading.common, &all->common, source->file, &loading.errors);
	apply_file(&loading, source);
	apply_environ(&loading.common, source->environ, apply_url);
	apply_environ(&loading.common, source->environ, apply_variable);
	settle_all(&loading, source);
	free(loading.sites.drafts);
	if (loading.errors.count > 0)
		conf_all_free(all);
	return loading.errors.count == 0;
}
