/* The [site "name"] sections: names, keys, and distinct Redis prefixes. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "config/key_kind.h"
#include "config/site.h"
#include "config/quote.h"
#include "config/value.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-"

bool
site_is_section(struct str name)
{
	return str_eq(str_cut(&name, ' '), STR("site"));
}

/* Returns the name of [site "name"]; STR_NONE: it is malformed. */
static struct str
name_of_site(struct str section)
{
	struct str name;

	str_cut(&section, ' ');
	name = str_trim(section);
	if (name.len < 3 || name.len > CONF_SITE_NAME_MAX + 2 ||
	    name.ptr[0] != '"' || name.ptr[name.len - 1] != '"')
		return STR_NONE;
	name = (struct str){ name.ptr + 1, name.len - 2 };
	return str_only(name, NAME_CHARS) ? name : STR_NONE;
}

static bool
grow(struct site_drafts *sites)
{
	if (sites->drafts == NULL)
		sites->drafts =
		    calloc(CONF_SITES_MAX, sizeof(sites->drafts[0]));
	if (sites->all->sites == NULL)
		sites->all->sites =
		    calloc(CONF_SITES_MAX, sizeof(sites->all->sites[0]));
	return sites->drafts != NULL && sites->all->sites != NULL;
}

/* Adds a site.  Returns NULL, or the error. */
static const char *
add_site(struct site_drafts *sites, struct str name)
{
	int number = sites->all->site_count;
	struct conf *conf;

	if (number == CONF_SITES_MAX)
		return "there are too many sites";
	if (!grow(sites))
		return "no memory";
	conf = &sites->all->sites[number];
	conf->site = strndup(name.ptr, name.len);
	if (conf->site == NULL)
		return "no memory";
	sites->drafts[number] = (struct draft){ .conf = conf,
		.errors = sites->common->errors,
		.file = sites->common->file };
	sites->all->site_count++;
	return NULL;
}

struct draft *
site_enter(
    struct site_drafts *sites, struct draft_source source, struct str section)
{
	struct str name = name_of_site(section);
	const char *fault = NULL;
	int number;

	if (str_is_none(name))
		fault = "a site has a name of up to 32 of a-z, 0-9 and -, "
			"between double quotes: [site \"shop\"]";
	else if (conf_find_site(sites->all, name) < 0)
		fault = add_site(sites, name);
	if (fault != NULL) {
		draft_error(sites->common, source, "%s", fault);
		return NULL;
	}
	number = conf_find_site(sites->all, name);
	return &sites->drafts[number];
}

void
site_set_key(
    struct draft *site, struct draft_source source, const struct ini_item *item)
{
	const struct setting *setting = setting_find_dotted(item->name);
	char quoted[QUOTE_SIZE];

	source.site = site->conf->site;
	if (setting != NULL && setting_is_per_site(setting)) {
		draft_set(site, setting, DRAFT_SITE, source, item->value);
		return;
	}
	if (setting != NULL) {
		draft_error(site, source,
		    "[site \"%s\"] %s.%s: is the whole process's, and stands "
		    "in [%s]",
		    source.site, setting->section, setting->key,
		    setting->section);
		return;
	}
	setting = setting_nearest_dotted(item->name);
	quote_text(item->name, quoted);
	draft_error(site, source,
	    "unknown key %s in [site \"%s\"]; the nearest is %s.%s", quoted,
	    source.site, setting->section, setting->key);
}

/*
 * True if the site lacks a prefix.  Without one it may share its keys with
 * other programs, which [session] key = sha256 excludes.
 */
static bool
lacks_prefix(const struct conf *conf)
{
	return conf->redis_key_prefix[0] == '\0' &&
	       conf->session_key == CONF_KEY_SHA256;
}

static const char *const kinds[] = { KEY_KINDS };

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* True if one of the prefixes a+a_kind and b+b_kind begins with the other. */
static bool
kinds_overlap(
    const char *a, const char *a_kind, const char *b, const char *b_kind)
{
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > b_len)
		return kinds_overlap(b, b_kind, a, a_kind);
	if (strncmp(a, b, a_len) != 0)
		return false;
	b += a_len; /* now compare a_kind with the rest of b and then b_kind */
	for (; *a_kind != '\0' && *b != '\0'; a_kind++, b++)
		if (*a_kind != *b)
			return false;
	return strncmp(a_kind, b_kind, strlen(a_kind)) == 0 ||
	       strncmp(a_kind, b_kind, strlen(b_kind)) == 0;
}

/*
 * True if the prefix of any kind of key under a begins with one under b, or one
 * under b begins with one under a.
 */
static bool
prefixes_overlap(const char *a, const char *b)
{
	for (size_t i = 0; i < KINDS; i++)
		for (size_t j = 0; j < KINDS; j++)
			if (kinds_overlap(a, kinds[i], b, kinds[j]))
				return true;
	return false;
}

/*
 * Returns the number of the first site whose keys overlap with those of this
 * site; `number` itself if there is none.
 */
static int
first_with_prefix(const struct conf_all *all, int number)
{
	const char *prefix = all->sites[number].redis_key_prefix;
	int first = 0;

	while (first < number &&
	       !prefixes_overlap(all->sites[first].redis_key_prefix, prefix))
		first++;
	return first;
}

static void
validate_prefix(struct site_drafts *sites, int number)
{
	const struct conf *conf = &sites->all->sites[number];
	int first = first_with_prefix(sites->all, number);
	const struct conf *other = &sites->all->sites[first];
	bool is_same =
	    strcmp(conf->redis_key_prefix, other->redis_key_prefix) == 0;
	char words[192];

	if (!lacks_prefix(conf) && first == number)
		return;
	if (lacks_prefix(conf))
		snprintf(words, sizeof(words),
		    "each site needs a key_prefix of its own; with [session] "
		    "key = plain or migrate one may be empty");
	else if (is_same)
		snprintf(words, sizeof(words),
		    "each site needs a key_prefix of its own, and site \"%s\" "
		    "has this one",
		    other->site);
	else
		snprintf(words, sizeof(words),
		    "each site needs a key_prefix of its own, and with this "
		    "one keys begin as keys of site \"%s\" do",
		    other->site);
	draft_error_in(
	    &sites->drafts[number], CONF_OPTION_redis_key_prefix, words);
}

/*
 * Returns the tag of the prefix, which decides the slot of a Cluster that holds
 * a key.
 */
static struct str
tag_of(const struct conf *conf)
{
	struct str rest = str_from(conf->redis_key_prefix);

	str_cut(&rest, '{');
	return str_cut(&rest, '}');
}

/*
 * Reports a site whose tag is not that of the first site.  All must have one
 * tag: a worker has one link to Redis for all sites, hence one node.
 */
static void
validate_tag(struct site_drafts *sites, int number)
{
	const struct conf *conf = &sites->all->sites[number];
	const struct conf *first = &sites->all->sites[0];
	char words[192];

	if (conf->redis.way != REDIS_CLUSTER ||
	    str_eq(tag_of(conf), tag_of(first)))
		return;
	snprintf(words, sizeof(words),
	    "all sites of a Cluster need the same tag, and that of site "
	    "\"%s\" is another one",
	    first->site);
	draft_error_in(
	    &sites->drafts[number], CONF_OPTION_redis_key_prefix, words);
}

void
site_validate_prefixes(struct site_drafts *sites)
{
	for (int i = 0; i < sites->all->site_count; i++)
		if (!sites->drafts[i].is_bad[CONF_OPTION_redis_key_prefix] &&
		    !sites->drafts[0].is_bad[CONF_OPTION_redis_key_prefix])
			validate_tag(sites, i);
	for (int i = 0; i < sites->all->site_count; i++)
		if (!sites->drafts[i].is_bad[CONF_OPTION_redis_key_prefix])
			validate_prefix(sites, i);
}
