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
	SETTING_BOOL,	/* bool */
	SETTING_INT,	/* int */
	SETTING_SPAN,	/* int64_t, milliseconds */
	SETTING_SIZE,	/* int64_t, bytes */
	SETTING_CHOICE, /* an enumeration */
	SETTING_SET,	/* unsigned, a bit for each word */
	SETTING_TEXT,	/* const char *, never NULL */
	SETTING_SECRET, /* const char *, never NULL, never printed */
	/*
	 * SETTING_SECRET with several values; each line adds one, newlines
	 * separate them
	 */
	SETTING_SECRETS,
	/* const char *, path of a file that holds the secret */
	SETTING_SECRET_FILE,
	/* const char *, path of a file that holds a secret a line */
	SETTING_SECRETS_FILE,
	SETTING_NETS,  /* struct conf_nets */
	SETTING_RULES, /* struct conf_rules; each line adds one */
	SETTING_RATE   /* struct conf_rate */
};

struct setting {
	const char *section, *key;
	enum setting_type type;
	size_t offset;		  /* offset of the field in struct conf */
	const char *text;	  /* the default */
	int64_t min, max;	  /* bounds of a number */
	const char *const *words; /* words of a choice or set, ended by NULL */
	const char *help;
};

struct setting_section {
	const char *name, *help;
};

/* Indexed by enum conf_option, in the order of options.def. */
extern const struct setting setting_table[CONF_OPTIONS];

/* Ended by a row with a NULL name. */
extern const struct setting_section setting_sections[];

/* Return the field of the setting in conf. */
void *setting_field(const struct setting *setting, struct conf *conf);
const void *setting_value(
    const struct setting *setting, const struct conf *conf);

/* Returns the index of the setting in setting_table. */
enum conf_option setting_option(const struct setting *setting);

/* True if the setting may be set several times, each time adding a value. */
bool setting_is_repeatable(const struct setting *setting);
/* True for a setting whose value is never printed. */
bool setting_is_secret(const struct setting *setting);
/* True if a [site "name"] section may have the setting. */
bool setting_is_per_site(const struct setting *setting);

/* Find a section, and a setting, by their exact names.  NULL: not found. */
const struct setting_section *setting_find_section(struct str name);
const struct setting *setting_find(struct str section, struct str key);

/*
 * Find a setting by `section.key`, as in the section of a site, and by its
 * environment variable.  NULL: not found.
 */
const struct setting *setting_find_dotted(struct str name);
const struct setting *setting_find_env(struct str variable);

/* Returns the section of a variable SESSGATE_<SECTION>_..., or NULL. */
const struct setting_section *setting_find_env_section(struct str variable);

/*
 * Return the section or setting with the name that is most similar to an
 * unknown one.  Never NULL.
 */
const struct setting_section *setting_nearest_section(struct str name);
const struct setting *setting_nearest(struct str section, struct str key);
const struct setting *setting_nearest_dotted(struct str name); /* of a site */
const struct setting *setting_nearest_env(struct str variable);

#define SETTING_ENV_SIZE 64

/* Writes SESSGATE_<SECTION>_<KEY>. */
void setting_env_name(
    const struct setting *setting, char name[SETTING_ENV_SIZE]);

#endif
