/* Printing the effective configuration. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "config/conf.h"
#include "config/setting.h"
#include "config/value.h"

/* In a site's section a key is written as section.key. */
static void
print_key(const struct conf *conf, const struct setting *setting, FILE *out)
{
	if (conf->site != NULL)
		fprintf(out, "%s.", setting->section);
	fprintf(out, "%s = ", setting->key);
}

/* A repeatable setting has one line per value. */
static void
print_lines(const struct conf *conf, const struct setting *setting, FILE *out)
{
	struct str lines;
	char *text = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);

	if (memory == NULL)
		return;
	value_print(setting, setting_value(setting, conf), memory);
	if (fclose(memory) == 0) {
		lines = (struct str){ text, len };
		while (!str_is_none(lines)) {
			struct str line = str_cut(&lines, '\n');

			print_key(conf, setting, out);
			fprintf(out, "%.*s\n", STR_ARG(line));
		}
	}
	free(text);
}

/* An empty one is shown, so that it is read again as it was. */
static bool
is_hidden(const struct conf *conf, const struct setting *setting)
{
	const char *const *text = setting_value(setting, conf);

	return setting->type == SETTING_SECRET &&
	       conf->is_set[setting_option(setting)] && (*text)[0] != '\0';
}

static void
print_setting(const struct conf *conf, const struct setting *setting, FILE *out)
{
	if (is_hidden(conf, setting)) {
		fputc('#', out);
		print_key(conf, setting, out);
		fputs("(set, not shown)\n", out);
		return;
	}
	print_lines(conf, setting, out);
}

/*
 * The effective value of an option that may be "auto", as a comment below it.
 */
static void
print_in_force(const struct conf *conf, enum conf_option option, FILE *out)
{
	const struct conf_effective *effective = &conf->effective;

	if (option == CONF_OPTION_server_leaders)
		fprintf(out, "# in force: %d\n", effective->leaders);
	else if (option == CONF_OPTION_login_hash_threads)
		fprintf(out, "# in force: %d\n", effective->hash_threads);
	else if (option == CONF_OPTION_redis_connect_timeout)
		fprintf(out, "# in force: %" PRId64 "ms\n",
		    effective->redis_connect_ms);
	else if (option == CONF_OPTION_redis_command_timeout)
		fprintf(out, "# in force: %" PRId64 "ms\n",
		    effective->redis_command_ms);
	else if (option == CONF_OPTION_mysql_tls)
		fprintf(out, "# in force: %s\n",
		    setting_table[option].words[effective->mysql_tls]);
	else if (option == CONF_OPTION_login_limit_account &&
		 conf->secrets.count == 0)
		fputs("# in force: 0, without [session] secret_file\n", out);
	else if (option == CONF_OPTION_cookie_name)
		fprintf(out, "# in force: %s\n", effective->cookie_name);
	else if (option == CONF_OPTION_cookie_compat)
		fprintf(out, "# in force: %s%s\n",
		    effective->cookie_other != NULL ? "also reads "
						    : "reads no other name",
		    effective->cookie_other != NULL ? effective->cookie_other
						    : "");
}

/* The settings of the site's own section. */
static void
print_site(const struct conf *conf, FILE *out)
{
	fprintf(out, "\n[site \"%s\"]\n", conf->site);
	for (int i = 0; i < CONF_OPTIONS; i++)
		if (conf->is_own[i])
			print_setting(conf, &setting_table[i], out);
	fprintf(out, "# cookie in force: %s\n", conf->effective.cookie_name);
}

static void
print_common(const struct conf *conf, FILE *out)
{
	const char *section = NULL;

	for (int i = 0; i < CONF_OPTIONS; i++) {
		const struct setting *setting = &setting_table[i];

		if (!str_eq(str_from(section), str_from(setting->section))) {
			fprintf(out, "%s[%s]\n", section != NULL ? "\n" : "",
			    setting->section);
			section = setting->section;
		}
		print_setting(conf, setting, out);
		print_in_force(conf, (enum conf_option)i, out);
	}
}

void
conf_print(const struct conf_all *all, FILE *out)
{
	print_common(&all->common, out);
	for (int i = 0; i < all->site_count; i++)
		print_site(&all->sites[i], out);
}
