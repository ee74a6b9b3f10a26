#ifndef SITE_H
#define SITE_H

#include <stdbool.h>

#include "config/conf.h"
#include "config/draft.h"
#include "config/ini.h"

/*
 * The [site "name"] sections of a file in the making.  A key in them is
 * `section.key` of an option that a site may set.
 */
struct site_drafts {
	struct conf_all *all;	    /* its sites are ours to add to */
	const struct draft *common; /* where errors are told, too */
	struct draft *drafts;	    /* of all->sites; NULL before the first */
};

/* Is it one of these, well written or not? */
bool site_is_section(struct str name);

/* The site's draft, a new one if need be; NULL: an error was told. */
struct draft *site_enter(
    struct site_drafts *sites, struct draft_source origin, struct str section);

void site_set_key(struct draft *site, struct draft_source origin,
    const struct ini_item *item);

/* Two sites with one prefix would share their sessions. */
void site_validate_prefixes(struct site_drafts *sites);

#endif
