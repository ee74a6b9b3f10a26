/* The templates of all sites. */
#include "config.h"

#include "server/themes.h"

bool
themes_open(struct themes *themes, const struct conf_all *conf, FILE *errors)
{
	bool is_open = true;

	*themes = (struct themes){ { NULL } };
	for (int i = 0; i < conf_count(conf); i++) {
		themes->all[i] = theme_open(conf_at(conf, i), errors);
		is_open = is_open && themes->all[i] != NULL;
	}
	if (!is_open)
		themes_close(themes);
	return is_open;
}

void
themes_close(struct themes *themes)
{
	for (int i = 0; i < CONF_SITES_MAX; i++)
		theme_close(themes->all[i]);
	*themes = (struct themes){ { NULL } };
}
