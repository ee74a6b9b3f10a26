#ifndef SETTING_H
#define SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "config/conf.h"

/*
 * The table of all settings, generated from options.def: the name of each, its
 * field in struct conf, its type, bounds and help.
 */
enum setting_type {
	SETTING_BOOL,	      /* bool */
	SETTING_INT,	      /* int */
	SETTING_SPAN,	      /* int64_t, milliseconds */
	SETTING_SIZE,	      /* int64_t, bytes */
	SETTING_CHOICE,	      /* an enumeration */
	SETTING_SET,	      /* unsigned, a bit per word */
	SETTING_TEXT,	      /* const char *, never NULL */
	SETTING_SECRET,	      /* const char *, never NULL, never printed */
	SETTING_SECRETS,      /* as SETTING_SECRET; each line adds one, they
				 are separated by newlines */
	SETTING_SECRET_FILE,  /* const char *, path of a file with the secret */
	SETTING_SECRETS_FILE, /* const char *, path of a file with a secret a
				 line */
	SETTING_NETS,	      /* struct conf_nets */
	SETTING_RULES,	      /* struct conf_rules; each line adds one */
	SETTING_RATE	      /* struct conf_rate */
};

struct setting {
	const char *section, *key;
	enum setting_type type;
	size_t offset;		  /* in struct conf */
	const char *text;	  /* the default */
	int64_t min, max;	  /* bounds of a number */
	const char *const *words; /* of a choice or set, ended by NULL */
	const char *help;
};

struct setting_section {
	const char *name, *help;
};

/* Indexed by enum conf_option, in the order of options.def. */
extern const struct setting setting_table[CONF_OPTIONS];

/* Ended by a row with a NULL name. */
extern const struct setting_section setting_sections[];

/* The setting's field in conf. */
void *setting_field(const struct setting *setting, struct conf *conf);
const void *setting_value(
    const struct setting *setting, const struct conf *conf);

/* The setting's index in setting_table. */
enum conf_option setting_option(const struct setting *setting);

/* True if it may be set several times, each time adding a value. */
bool setting_is_repeatable(const struct setting *setting);
/* True for what is never printed. */
bool setting_is_secret(const struct setting *setting);
/* True if a [site "name"] section may set it. */
bool setting_is_per_site(const struct setting *setting);

/* NULL: there is none of that name. */
const struct setting_section *setting_find_section(struct str name);
const struct setting *setting_find(struct str section, struct str key);

/* By `section.key`, as in a site's section; by the environment variable. */
const struct setting *setting_find_dotted(struct str name);
const struct setting *setting_find_env(struct str variable);

/* The section of a variable SESSGATE_<SECTION>_..., or NULL. */
const struct setting_section *setting_find_env_section(struct str variable);

/* For an unknown name: the most similar one.  Never NULL. */
const struct setting_section *setting_nearest_section(struct str name);
const struct setting *setting_nearest(struct str section, struct str key);
const struct setting *setting_nearest_dotted(struct str name); /* per site */
const struct setting *setting_nearest_env(struct str variable);

#define SETTING_ENV_SIZE 64

/* Writes SESSGATE_<SECTION>_<KEY>. */
void setting_env_name(
    const struct setting *setting, char name[SETTING_ENV_SIZE]);

#endif
