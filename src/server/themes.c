/* The templates of all sites. */
#include "config.h"

#include "server/themes.h"

bool
looks_open(struct looks *looks, const struct conf_all *conf, FILE *errors)
{
	bool is_open = true;

	*looks = (struct looks){ { NULL } };
	for (int i = 0; i < conf_count(conf); i++) {
		looks->all[i] = look_open(conf_at(conf, i), errors);
		is_open = is_open && looks->all[i] != NULL;
	}
	if (!is_open)
		looks_close(looks);
	return is_open;
}

void
looks_close(struct looks *looks)
{
	for (int i = 0; i < CONF_SITES_MAX; i++)
		look_close(looks->all[i]);
	*looks = (struct looks){ { NULL } };
}
