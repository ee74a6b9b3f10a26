/* The table of all settings, and lookup by an exact or a similar name. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "config/setting.h"

#define ENV_PREFIX "SESSGATE_"
#define NAME_MAX_LEN (SETTING_ENV_SIZE - 1)

/* Units of time spans in options.def, in milliseconds. */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Units of sizes in options.def, in bytes. */
#define GIB (INT64_C(1) << 30)

/* Macros for the bounds in options.def. */
#define ANY .min = 0
#define FROM(least, most) .min = (least), .max = (most)
#define WORDS(list) \
	.words = (const char *const[]) \
	{ \
		list NULL \
	}
#define WORD(enumerator, word) word,

#define FIELD_NAME(type, name) name

const struct setting setting_table[CONF_OPTIONS] = {
#define OPTION(type_, section_, key_, text_, bounds, help_) \
	[CONF_OPTION_##section_##_##key_] = { .section = #section_, \
		.key = #key_, \
		.type = SETTING_##type_, \
		.offset = offsetof(struct conf, \
		    CONF_FIELD_##type_(FIELD_NAME, section_##_##key_)), \
		.text = text_, \
		.help = help_, \
		bounds },
#include "config/options.def"
};

const struct setting_section setting_sections[] = {
#define SECTION(name, help) { #name, help },
#include "config/options.def"
	{ NULL, NULL }
};

static const bool is_per_site[CONF_OPTIONS] = {
#define OPTION(type, section, key, text, bounds, help)
#define SITE_OPTION(type, section, key, text, bounds, help) \
	[CONF_OPTION_##section##_##key] = true,
#include "config/options.def"
};

void *
setting_field(const struct setting *setting, struct conf *conf)
{
	return (char *)conf + setting->offset;
}

const void *
setting_value(const struct setting *setting, const struct conf *conf)
{
	return (const char *)conf + setting->offset;
}

enum conf_option
setting_option(const struct setting *setting)
{
	return (enum conf_option)(setting - setting_table);
}

bool
setting_is_repeatable(const struct setting *setting)
{
	return setting->type == SETTING_RULES ||
	       setting->type == SETTING_SECRETS;
}

bool
setting_is_secret(const struct setting *setting)
{
	return setting->type == SETTING_SECRET ||
	       setting->type == SETTING_SECRETS;
}

bool
setting_is_per_site(const struct setting *setting)
{
	return is_per_site[setting_option(setting)];
}

/* Writes name in upper case at `at`.  Returns the end. */
static char *
put_upper(char *at, const char *name)
{
	for (; *name != '\0'; name++)
		*at++ = *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A')
						     : *name;
	*at = '\0';
	return at;
}

void
setting_env_name(const struct setting *setting, char name[SETTING_ENV_SIZE])
{
	char *at = put_upper(name, ENV_PREFIX);

	at = put_upper(at, setting->section);
	at = put_upper(at, "_");
	put_upper(at, setting->key);
}

const struct setting_section *
setting_find_section(struct str name)
{
	const struct setting_section *section = setting_sections;

	for (; section->name != NULL; section++)
		if (str_eq(name, str_from(section->name)))
			return section;
	return NULL;
}

const struct setting *
setting_find(struct str section, struct str key)
{
	for (int i = 0; i < CONF_OPTIONS; i++)
		if (str_eq(section, str_from(setting_table[i].section)) &&
		    str_eq(key, str_from(setting_table[i].key)))
			return &setting_table[i];
	return NULL;
}

/* Splits section.key.  If there is no dot, the whole name is the key. */
static struct str
cut_section(struct str name, struct str *key)
{
	struct str section = str_cut(&name, '.');

	*key = str_is_none(name) ? section : name;
	return str_is_none(name) ? STR_NONE : section;
}

const struct setting *
setting_find_dotted(struct str name)
{
	struct str key, section = cut_section(name, &key);

	return setting_find(section, key);
}

const struct setting *
setting_find_env(struct str variable)
{
	char name[SETTING_ENV_SIZE];

	for (int i = 0; i < CONF_OPTIONS; i++) {
		setting_env_name(&setting_table[i], name);
		if (str_eq(variable, str_from(name)))
			return &setting_table[i];
	}
	return NULL;
}

const struct setting_section *
setting_find_env_section(struct str variable)
{
	const struct setting_section *section = setting_sections;

	for (; section->name != NULL; section++) {
		char prefix[SETTING_ENV_SIZE];
		char *at = put_upper(prefix, ENV_PREFIX);

		at = put_upper(at, section->name);
		put_upper(at, "_");
		if (str_starts(variable, str_from(prefix)))
			return section;
	}
	return NULL;
}

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Returns the Levenshtein distance of the first NAME_MAX_LEN bytes. */
static size_t
distance(struct str a, struct str b)
{
	size_t row[NAME_MAX_LEN + 1];

	if (a.len > NAME_MAX_LEN)
		a.len = NAME_MAX_LEN;
	if (b.len > NAME_MAX_LEN)
		b.len = NAME_MAX_LEN;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			size_t above = row[j + 1];

			row[j + 1] = least(above + 1, row[j] + 1,
			    diagonal + (a.ptr[i] != b.ptr[j]));
			diagonal = above;
		}
	}
	return row[b.len];
}

const struct setting_section *
setting_nearest_section(struct str name)
{
	const struct setting_section *section = setting_sections;
	const struct setting_section *best = section;

	for (; section->name != NULL; section++)
		if (distance(name, str_from(section->name)) <
		    distance(name, str_from(best->name)))
			best = section;
	return best;
}

/*
 * Returns the distance of a setting from section and key.  The same key in
 * another section counts as nearer than another key with a few common letters.
 */
static size_t
distance_to(const struct setting *setting, struct str section, struct str key)
{
	size_t far = distance(key, str_from(setting->key)) * 4;

	return far + (str_eq(section, str_from(setting->section)) ? 0 : 7);
}

/*
 * Returns the nearest setting for which filter is true; filter NULL: of all
 * settings.
 */
static const struct setting *
nearest(struct str section, struct str key,
    bool (*filter)(const struct setting *setting))
{
	const struct setting *best = NULL;

	for (int i = 0; i < CONF_OPTIONS; i++) {
		const struct setting *setting = &setting_table[i];

		if ((filter == NULL || filter(setting)) &&
		    (best == NULL || distance_to(setting, section, key) <
					 distance_to(best, section, key)))
			best = setting;
	}
	return best;
}

const struct setting *
setting_nearest(struct str section, struct str key)
{
	return nearest(section, key, NULL);
}

const struct setting *
setting_nearest_dotted(struct str name)
{
	struct str key, section = cut_section(name, &key);

	return nearest(section, key, setting_is_per_site);
}

static size_t
distance_to_env(const struct setting *setting, struct str variable)
{
	char name[SETTING_ENV_SIZE];

	setting_env_name(setting, name);
	return distance(variable, str_from(name));
}

const struct setting *
setting_nearest_env(struct str variable)
{
	const struct setting *best = setting_table;

	for (int i = 1; i < CONF_OPTIONS; i++)
		if (distance_to_env(&setting_table[i], variable) <
		    distance_to_env(best, variable))
			best = &setting_table[i];
	return best;
}
