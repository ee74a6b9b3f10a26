#ifndef THEMES_H
#define THEMES_H

#include <stdbool.h>
#include <stdio.h>

#include "app/theme.h"
#include "config/conf.h"

/* What the pages of each site look like, by the site's number. */
struct themes {
	struct theme *all[CONF_SITES_MAX];
};

/* False: what is wrong is on errors, of every site, and nothing is left. */
bool themes_open(
    struct themes *themes, const struct conf_all *conf, FILE *errors);

void themes_close(struct themes *themes);

#endif
