#ifndef THEMES_H
#define THEMES_H

#include <stdbool.h>
#include <stdio.h>

#include "app/theme.h"
#include "config/conf.h"

/* What the pages of each site look like, by the site's number. */
struct looks {
	struct look *all[CONF_SITES_MAX];
};

/* False: what is wrong is on errors, of every site, and nothing is left. */
bool looks_open(struct looks *looks, const struct conf_all *conf, FILE *errors);

void looks_close(struct looks *looks);

#endif
