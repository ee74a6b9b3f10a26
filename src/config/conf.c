/* A configuration that was loaded: freeing it, and its sites. */
#include "config.h"

#include <stdlib.h>

#include "config/conf.h"
#include "config/setting.h"
#include "config/value.h"

void
conf_free(struct conf *conf)
{
	for (int i = 0; i < CONF_OPTIONS; i++)
		value_free(
		    &setting_table[i], setting_field(&setting_table[i], conf));
	url_free_redis(&conf->redis);
	for (int i = 0; i < CONF_DATABASES_MAX; i++)
		url_free_mysql(&conf->databases[i].url);
	secret_file_free(&conf->secrets);
	denied_file_free(&conf->denied);
	free(conf->cookie_names);
	free(conf->site);
	*conf = (struct conf){ 0 };
}

void
conf_all_free(struct conf_all *all)
{
	conf_free(&all->common);
	for (int i = 0; i < all->site_count; i++)
		conf_free(&all->sites[i]);
	free(all->sites);
	*all = (struct conf_all){ .site_count = 0 };
}

int
conf_count(const struct conf_all *all)
{
	return all->site_count > 0 ? all->site_count : 1;
}

const struct conf *
conf_at(const struct conf_all *all, int number)
{
	return all->site_count > 0 ? &all->sites[number] : &all->common;
}

int
conf_find_site(const struct conf_all *all, struct str name)
{
	for (int i = 0; i < all->site_count; i++)
		if (str_eq(name, str_from(all->sites[i].site)))
			return i;
	return -1;
}
