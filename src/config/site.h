#ifndef SITE_H
#define SITE_H

#include <stdbool.h>

#include "config/conf.h"
#include "config/draft.h"
#include "config/ini.h"

/*
 * The [site "name"] sections of a file that is being read.  A key in them is
 * `section.key`, for an option that a site may set.
 */
struct site_drafts {
	struct conf_all *all;	    /* the sites are added here */
	const struct draft *common; /* used for errors outside a site */
	/* one for each of all->sites; NULL before the first */
	struct draft *drafts;
};

/* True if the section is one of a site, even a malformed one. */
bool site_is_section(struct str name);

/*
 * Returns the draft of the site, which is made if needed.  NULL: an error was
 * reported.
 */
struct draft *site_enter(
    struct site_drafts *sites, struct draft_source source, struct str section);

/*
 * Sets a key in the section of a site.  Reports an unknown key, and one that a
 * site may not set.
 */
void site_set_key(struct draft *site, struct draft_source source,
    const struct ini_item *item);

/*
 * Reports sites whose keys in Redis could collide: two sites with one prefix
 * would share their sessions.
 */
void site_validate_prefixes(struct site_drafts *sites);

#endif
