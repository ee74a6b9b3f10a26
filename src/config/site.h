#ifndef SITE_H
#define SITE_H

#include <stdbool.h>

#include "config/conf.h"
#include "config/draft.h"
#include "config/ini.h"

/*
 * The [site "name"] sections of a file that is being read.  A key in them is
 * `section.key` of an option that a site may set.
 */
struct site_drafts {
	struct conf_all *all;	    /* the sites are added here */
	const struct draft *common; /* for errors outside a site */
	struct draft *drafts; /* one per all->sites; NULL before the first */
};

/* True if the section is meant as a site's, even if malformed. */
bool site_is_section(struct str name);

/*
 * The draft of the section's site, made if needed.  NULL: an error was
 * reported.
 */
struct draft *site_enter(
    struct site_drafts *sites, struct draft_source origin, struct str section);

/*
 * Sets a key of a site's section.  An unknown key, or one that a site may not
 * set, is reported.
 */
void site_set_key(struct draft *site, struct draft_source origin,
    const struct ini_item *item);

/*
 * Reports sites whose keys in Redis could collide: with one prefix two sites
 * would share their sessions.
 */
void site_validate_prefixes(struct site_drafts *sites);

#endif
