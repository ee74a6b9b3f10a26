#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/result.h"
#include "base/str.h"
#include "config/denied_file.h"
#include "config/net.h"
#include "config/rule.h"
#include "config/rate.h"
#include "config/secret_file.h"
#include "config/url.h"

/*
 * The configuration: read once at the start, immutable afterwards, shared by
 * all threads.  Each site has a struct conf of its own.
 *
 * options.def defines the fields <section>_<key>.  Texts are C strings, never
 * NULL (empty: not set).  Time spans are milliseconds and end in _ms; sizes end
 * in _bytes.  Choices are enumerations; a set has bit 1u<<e for each enumerator
 * e:
 *
 *	conf->server_mount, conf->server_deadline_ms, conf->session_key
 *
 * A field holds the configured value.  If the value can be "auto", `effective`
 * holds the value that applies.
 */

/* Defines the enumerations: enum conf_<section>_<key>. */
#define WORDS(words) words
#define WORD(enumerator, word) enumerator,
#define ENUM_BOOL(...)
#define ENUM_INT(...)
#define ENUM_SPAN(...)
#define ENUM_SIZE(...)
#define ENUM_TEXT(...)
#define ENUM_SECRET(...)
#define ENUM_SECRETS(...)
#define ENUM_SECRET_FILE(...)
#define ENUM_SECRETS_FILE(...)
#define ENUM_NETS(...)
#define ENUM_RULES(...)
#define ENUM_RATE(...)
#define ENUM_CHOICE(name, ...) enum conf_##name{ __VA_ARGS__ };
#define ENUM_SET(name, ...) enum conf_##name{ __VA_ARGS__ };
#define OPTION(type, section, key, text, bounds, help) \
	ENUM_##type(section##_##key, bounds)
#include "config/options.def"
#undef WORDS
#undef WORD
#undef ENUM_BOOL
#undef ENUM_INT
#undef ENUM_SPAN
#undef ENUM_SIZE
#undef ENUM_TEXT
#undef ENUM_SECRET
#undef ENUM_SECRETS
#undef ENUM_SECRET_FILE
#undef ENUM_SECRETS_FILE
#undef ENUM_NETS
#undef ENUM_RULES
#undef ENUM_RATE
#undef ENUM_CHOICE
#undef ENUM_SET

/* The number of each option: CONF_OPTION_<section>_<key>. */
enum conf_option {
#define OPTION(type, section, key, text, bounds, help) \
	CONF_OPTION_##section##_##key,
#include "config/options.def"
	CONF_OPTIONS
};

/* Values derived from several options, or from an option that is "auto". */
struct conf_effective {
	int leaders, hash_threads;
	int logins; /* the most logins at the same time, each in a worker */
	int64_t redis_connect_ms, redis_command_ms;
	const char *cookie_name;  /* the cookie that is written and read */
	const char *cookie_other; /* is only read; NULL: there is none */
};

enum { CONF_DATABASES_MAX = 9 };

/* One URL of mysql_url, parsed, and the TLS settings that apply to it. */
struct conf_database {
	struct mysql_url url;
	enum conf_mysql_tls tls; /* never AUTO */
	const char *tls_ca, *tls_cert, *tls_key;
};

/* Expands to use(C type, name) of the field of an option of this type. */
#define CONF_FIELD_BOOL(use, name) use(bool, name)
#define CONF_FIELD_INT(use, name) use(int, name)
#define CONF_FIELD_SPAN(use, name) use(int64_t, name##_ms)
#define CONF_FIELD_SIZE(use, name) use(int64_t, name##_bytes)
#define CONF_FIELD_TEXT(use, name) use(const char *, name)
#define CONF_FIELD_SECRET(use, name) use(const char *, name)
#define CONF_FIELD_SECRETS(use, name) use(const char *, name)
#define CONF_FIELD_SECRET_FILE(use, name) use(const char *, name)
#define CONF_FIELD_SECRETS_FILE(use, name) use(const char *, name)
#define CONF_FIELD_NETS(use, name) use(struct conf_nets, name)
#define CONF_FIELD_RULES(use, name) use(struct conf_rules, name)
#define CONF_FIELD_RATE(use, name) use(struct conf_rate, name)
#define CONF_FIELD_CHOICE(use, name) use(enum conf_##name, name)
#define CONF_FIELD_SET(use, name) use(unsigned, name)

struct conf {
#define DECLARE(type, name) type name;
#define OPTION(type, section, key, text, bounds, help) \
	CONF_FIELD_##type(DECLARE, section##_##key)
#include "config/options.def"
#undef DECLARE
	struct redis_url redis; /* redis_url, parsed */
	struct conf_database databases[CONF_DATABASES_MAX];
	int database_count;	     /* 0: mysql_url is not set */
	struct conf_secrets secrets; /* content of session_secret_file */
	struct conf_denied denied;   /* content of login_password_denied */
	struct conf_effective effective;
	int lines[CONF_OPTIONS]; /* line of the file; 0: not set in the file */
	bool is_set[CONF_OPTIONS]; /* set anywhere, even to the default */
	bool is_own[CONF_OPTIONS]; /* set in the site's section */
	char *site;	    /* name of the site; NULL: shared by all sites */
	char *cookie_names; /* memory that effective.cookie_* point into */
};

enum { CONF_SITES_MAX = 64, CONF_SITE_NAME_MAX = 32 };

/*
 * The whole configuration: the values that all sites share, and a complete
 * struct conf for each [site "name"], which inherits the options that it does
 * not set.  If there is no such section, `common` is the configuration of the
 * only site.
 */
struct conf_all {
	struct conf common;
	struct conf *sites; /* in the order of the file */
	int site_count;	    /* 0: there is no [site] section */
};

/* The sources of options. */
struct conf_source {
	const char *file;
	/* --config or SESSGATE_CONFIG names it, so it must exist */
	bool is_file_named;
	char *const *environ; /* NULL: empty */
	int cores;	      /* number of processors; 0: ask the system */
};

#define CONF_DEFAULT_FILE SYSCONFDIR "/sessgate/sessgate.conf"

/*
 * Returns the sources for a program of this project: the file that --config
 * names (NULL: none), else that of SESSGATE_CONFIG, else CONF_DEFAULT_FILE.
 */
struct conf_source conf_source_of(const char *file, char *const *environ);

/*
 * Reads the file and the environment into *all.  The sources in descending
 * order of precedence are: a site's section (for that site),
 * SESSGATE_<SECTION>_<KEY>, REDIS_URL and DATABASE_URL, the file, the defaults.
 *
 * False: there were errors and *all is empty.  Every error is written to
 * errors, one a line, as `FILE:LINE: words` or `VARIABLE: words`, without any
 * secret.  On success the caller owns *all until conf_all_free.
 */
MUST_CHECK bool conf_load(
    const struct conf_source *source, struct conf_all *all, FILE *errors);

/*
 * Free everything and wipe the secrets.  They accept a struct that is zeroed or
 * freed already.
 */
void conf_all_free(struct conf_all *all);
void conf_free(struct conf *conf);

/*
 * Return the number of sites, at least 1, and the configuration of the site
 * with this number, from 0.
 */
int conf_count(const struct conf_all *all);
const struct conf *conf_at(const struct conf_all *all, int number);

/*
 * Returns the number of the site with this name, from 0; -1: there is no such
 * section.
 */
int conf_find_site(const struct conf_all *all, struct str name);

/*
 * Prints the effective values as a configuration file.  Secrets are comments:
 * `#url = (set, not shown)`.
 */
void conf_print(const struct conf_all *all, FILE *out);

/* A setting as conf_show passes it. */
struct conf_shown {
	const char *site; /* the site whose section sets it; NULL: none */
	const char *section, *key;
	/*
	 * several values are separated by newlines; NULL: it is a secret that
	 * is set, or there is no memory
	 */
	const char *value;
	/* the effective value of an option that may be derived; else empty */
	const char *effective;
	bool is_set; /* set anywhere, even to the default */
};

/* A function that takes a setting; *shown is valid during the call. */
typedef void conf_show_setting(void *arg, const struct conf_shown *shown);

/* Calls show for each setting that conf_print prints, in the same order. */
void conf_show(const struct conf_all *all, conf_show_setting *show, void *arg);

/*
 * Warns of settings that are allowed but probably mistakes, one line each on
 * out.  Returns the number of warnings.  user is the name of the user who runs
 * the process (NULL: unknown).
 */
int conf_warn(const struct conf_all *all, const struct conf_source *source,
    const char *user, FILE *out);

#endif
