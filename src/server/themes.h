#ifndef THEMES_H
#define THEMES_H

#include <stdbool.h>
#include <stdio.h>

#include "app/theme.h"
#include "config/conf.h"

/* The page theme of each site, indexed by site number. */
struct themes {
	struct theme *all[CONF_SITES_MAX];
};

/* False: the errors of all sites are written to errors; nothing stays open. */
bool themes_open(
    struct themes *themes, const struct conf_all *conf, FILE *errors);

/* Closes all themes; accepts a struct that themes_open could not fill. */
void themes_close(struct themes *themes);

#endif
