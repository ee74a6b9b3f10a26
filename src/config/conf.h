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
 * The configuration: read once at start, immutable from then on, shared by
 * all threads.  Each site has a struct conf of its own.
 *
 * From options.def come the fields <section>_<key>: texts are C strings and
 * never NULL (empty: not set), spans are milliseconds and end in _ms, sizes
 * end in _bytes, choices are enumerations, sets have a bit for each enumerator
 * (1u << it):
 *	conf->server_mount, conf->server_deadline_ms, conf->session_key
 * A field holds what was configured; where that can be "auto", effective holds
 * what it comes to.
 */

/* The enumerations: enum conf_<section>_<key>. */
#define WORDS(words) words
#define WORD(enumerator, word) enumerator,
#define ENUM_BOOL(...)
#define ENUM_INT(...)
#define ENUM_SPAN(...)
#define ENUM_SIZE(...)
#define ENUM_TEXT(...)
#define ENUM_SECRET(...)
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
#undef ENUM_SECRET_FILE
#undef ENUM_SECRETS_FILE
#undef ENUM_NETS
#undef ENUM_RULES
#undef ENUM_RATE
#undef ENUM_CHOICE
#undef ENUM_SET

/* A number for each option: CONF_OPTION_<section>_<key>. */
enum conf_option {
#define OPTION(type, section, key, text, bounds, help) \
	CONF_OPTION_##section##_##key,
#include "config/options.def"
	CONF_OPTIONS
};

/* What the options come to together. */
struct conf_effective {
	int leaders, hash_threads;
	int logins; /* workers that may be in a login at the same time */
	int64_t redis_connect_ms, redis_command_ms;
	const char *cookie_name;  /* the name that is written, and read */
	const char *cookie_other; /* the name that is read too, or NULL */
};

struct conf {
#define FIELD_BOOL(name) bool name;
#define FIELD_INT(name) int name;
#define FIELD_SPAN(name) int64_t name##_ms;
#define FIELD_SIZE(name) int64_t name##_bytes;
#define FIELD_TEXT(name) const char *name;
#define FIELD_SECRET(name) const char *name;
#define FIELD_SECRET_FILE(name) const char *name;
#define FIELD_SECRETS_FILE(name) const char *name;
#define FIELD_NETS(name) struct conf_nets name;
#define FIELD_RULES(name) struct conf_rules name;
#define FIELD_RATE(name) struct conf_rate name;
#define FIELD_CHOICE(name) enum conf_##name name;
#define FIELD_SET(name) unsigned name;
#define OPTION(type, section, key, text, bounds, help) \
	FIELD_##type(section##_##key)
#include "config/options.def"
#undef FIELD_BOOL
#undef FIELD_INT
#undef FIELD_SPAN
#undef FIELD_SIZE
#undef FIELD_TEXT
#undef FIELD_SECRET
#undef FIELD_SECRET_FILE
#undef FIELD_SECRETS_FILE
#undef FIELD_NETS
#undef FIELD_RULES
#undef FIELD_RATE
#undef FIELD_CHOICE
#undef FIELD_SET
	struct redis_url redis;	     /* redis_url, parsed */
	struct mysql_url mysql;	     /* mysql_url, parsed */
	struct conf_secrets secrets; /* session_secret_file, read */
	struct conf_denied denied;   /* login_password_denied, read */
	struct conf_effective effective;
	bool is_set[CONF_OPTIONS]; /* said somewhere, even if as by default */
	bool is_own[CONF_OPTIONS]; /* said in the site's section */
	char *site;	    /* its name, NULL: there is no such section */
	char *cookie_names; /* memory of effective.cookie_* */
};

enum { CONF_SITES_MAX = 64, CONF_SITE_NAME_MAX = 32 };

/*
 * All of it: what stands in the sections that all share, and a whole struct
 * conf for each [site "name"], which has what it does not set from those.
 * Without such sections common is the only site's.
 */
struct conf_all {
	struct conf common;
	struct conf *sites; /* in the order of the file */
	int site_count;	    /* 0: there are no such sections */
};

/* Where options come from. */
struct conf_source {
	const char *file;
	bool is_file_named;   /* somebody asked for it: it must exist */
	char *const *environ; /* NULL is an empty one */
	int cores;	      /* 0: ask the system */
};

/*
 * Reads the file and the environment into *all.  SESSGATE_<SECTION>_<KEY>
 * wins over REDIS_URL and DATABASE_URL, those over the file, and the file over
 * the defaults; what a site's section says wins for that site over them all.
 *
 * False: something is wrong, *all holds nothing, and every error is on
 * errors, one a line, as `FILE:LINE: words` or `VARIABLE: words`.  No error
 * shows a secret.  On success the caller owns *all until conf_all_free.
 */
MUST_CHECK bool conf_load(
    const struct conf_source *source, struct conf_all *all, FILE *errors);

/* Wipes the secrets.  Takes what is all zeroes, or freed, too. */
void conf_all_free(struct conf_all *all);
void conf_free(struct conf *conf);

/* At least 1; and one of them. */
int conf_count(const struct conf_all *all);
const struct conf *conf_at(const struct conf_all *all, int number);

/* The number of the site that has such a section, -1: none has. */
int conf_find_site(const struct conf_all *all, struct str name);

/*
 * The values in force as a file that can be read again; secrets stay
 * commented out as `#url = (set, not shown)`.
 */
void conf_print(const struct conf_all *all, FILE *out);

/*
 * What is allowed, but hardly meant: one line each on out; returns how many.
 * user is the name of who runs this (NULL: unknown).
 */
int conf_warn(const struct conf_all *all, const struct conf_source *source,
    const char *user, FILE *out);

#endif
