#ifndef SETTING_H
#define SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "config/conf.h"

/*
 * The table of all settings, made of options.def: what each is called, where
 * it lies in struct conf, and what is known about it.
 */
enum setting_type {
	SETTING_BOOL,	      /* bool */
	SETTING_INT,	      /* int */
	SETTING_SPAN,	      /* int64_t, milliseconds */
	SETTING_SIZE,	      /* int64_t, bytes */
	SETTING_CHOICE,	      /* an enumeration */
	SETTING_SET,	      /* unsigned, a bit for each of the words */
	SETTING_TEXT,	      /* const char *, never NULL */
	SETTING_SECRET,	      /* the same, and never shown */
	SETTING_SECRET_FILE,  /* the same: the path of a file with the secret */
	SETTING_SECRETS_FILE, /* the same, of one with a secret a line */
	SETTING_NETS,	      /* struct conf_nets */
	SETTING_RULES,	      /* struct conf_rules; each line adds one */
	SETTING_RATE	      /* struct conf_rate */
};

struct setting {
	const char *section, *key;
	enum setting_type type;
	size_t offset;		  /* in struct conf */
	const char *text;	  /* the default */
	int64_t min, max;	  /* of an int or a span */
	const char *const *words; /* of a choice or set, NULL at the end */
	const char *help;
};

struct setting_section {
	const char *name, *help;
};

/* Indexed by enum conf_option; in sections, in the order of options.def. */
extern const struct setting setting_table[CONF_OPTIONS];

/* A row with a NULL name ends it. */
extern const struct setting_section setting_sections[];

/* The field of the setting in a conf. */
void *setting_field(const struct setting *setting, struct conf *conf);
const void *setting_value(
    const struct setting *setting, const struct conf *conf);

enum conf_option setting_option(const struct setting *setting);

/* May it be set more than once, each time to one more value? */
bool setting_is_repeatable(const struct setting *setting);
/* A [site "name"] section may set it for its site. */
bool setting_is_per_site(const struct setting *setting);

/* NULL where there is none of that name. */
const struct setting_section *setting_find_section(struct str name);
const struct setting *setting_find(struct str section, struct str key);

/* By `section.key`, as a site's section has it. */
const struct setting *setting_find_dotted(struct str name);
const struct setting *setting_find_env(struct str variable);

/* The section that SESSGATE_<SECTION>_... belongs to, or NULL. */
const struct setting_section *setting_find_env_section(struct str variable);

/* Where there is no such name: what was probably meant.  Never NULL. */
const struct setting_section *setting_nearest_section(struct str name);
const struct setting *setting_nearest(struct str section, struct str key);
const struct setting *setting_nearest_dotted(struct str name); /* per site */
const struct setting *setting_nearest_env(struct str variable);

#define SETTING_ENV_SIZE 64

/* SESSGATE_<SECTION>_<KEY> */
void setting_env_name(
    const struct setting *setting, char name[SETTING_ENV_SIZE]);

#endif
