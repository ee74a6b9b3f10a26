/* Printing the effective configuration. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "config/conf.h"
#include "config/setting.h"
#include "config/value.h"

enum { EFFECTIVE_SIZE = 256 };

/* Prints a key; in the section of a site it is section.key. */
static void
print_key(const struct conf *conf, const struct setting *setting, FILE *out)
{
	if (conf->site != NULL)
		fprintf(out, "%s.", setting->section);
	fprintf(out, "%s = ", setting->key);
}

/*
 * Returns the value as text; several values are separated by newlines.  The
 * caller frees it.  NULL: no memory.
 */
static char *
value_text(const struct conf *conf, const struct setting *setting)
{
	char *text = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);

	if (memory == NULL)
		return NULL;
	value_print(setting, setting_value(setting, conf), memory);
	if (fclose(memory) == 0)
		return text;
	free(text);
	return NULL;
}

/* Prints a setting.  A repeatable one has a line for each value. */
static void
print_lines(const struct conf *conf, const struct setting *setting, FILE *out)
{
	char *text = value_text(conf, setting);
	struct str lines = str_from(text);

	while (!str_is_none(lines)) {
		struct str line = str_cut(&lines, '\n');

		print_key(conf, setting, out);
		fprintf(out, "%.*s\n", STR_ARG(line));
	}
	free(text);
}

/*
 * True for a secret that is set.  An empty one is printed, so that the output
 * sets it to empty, too.
 */
static bool
is_hidden(const struct conf *conf, const struct setting *setting)
{
	const char *const *text = setting_value(setting, conf);

	return setting_is_secret(setting) &&
	       conf->is_set[setting_option(setting)] && (*text)[0] != '\0';
}

/* Prints a line for each value, so that their number can be seen. */
static void
print_hidden(const struct conf *conf, const struct setting *setting, FILE *out)
{
	const char *const *text = setting_value(setting, conf);
	struct str lines = str_from(*text);

	while (!str_is_none(lines)) {
		str_cut(&lines, '\n');
		fputc('#', out);
		print_key(conf, setting, out);
		fputs("(set, not shown)\n", out);
	}
}

static void
print_setting(const struct conf *conf, const struct setting *setting, FILE *out)
{
	if (is_hidden(conf, setting)) {
		print_hidden(conf, setting, out);
		return;
	}
	print_lines(conf, setting, out);
}

/* Writes the TLS of each url; once, if all are equal. */
static void
write_tls(const struct conf *conf, char words[EFFECTIVE_SIZE])
{
	const struct setting *setting = &setting_table[CONF_OPTION_mysql_tls];
	const struct conf_database *databases = conf->databases;
	bool is_one = true;
	size_t len = 0;

	for (int i = 1; i < conf->database_count; i++)
		is_one = is_one && databases[i].tls == databases[0].tls;
	for (int i = 0; i == 0 || (i < conf->database_count && !is_one); i++)
		len +=
		    (size_t)snprintf(words + len, EFFECTIVE_SIZE - len, "%s%s",
			i > 0 ? ", " : "", setting->words[databases[i].tls]);
}

/*
 * Writes the effective value of an option that may be derived; empty for other
 * options.
 */
static void
write_effective(const struct conf *conf, enum conf_option option,
    char words[EFFECTIVE_SIZE])
{
	const struct conf_effective *effective = &conf->effective;
	const char *other = effective->cookie_other;

	words[0] = '\0';
	if (option == CONF_OPTION_server_leaders)
		snprintf(words, EFFECTIVE_SIZE, "%d", effective->leaders);
	else if (option == CONF_OPTION_login_hash_threads)
		snprintf(words, EFFECTIVE_SIZE, "%d", effective->hash_threads);
	else if (option == CONF_OPTION_redis_connect_timeout)
		snprintf(words, EFFECTIVE_SIZE, "%" PRId64 "ms",
		    effective->redis_connect_ms);
	else if (option == CONF_OPTION_redis_command_timeout)
		snprintf(words, EFFECTIVE_SIZE, "%" PRId64 "ms",
		    effective->redis_command_ms);
	else if (option == CONF_OPTION_mysql_tls)
		write_tls(conf, words);
	else if (option == CONF_OPTION_login_limit_account &&
		 conf->secrets.count == 0)
		snprintf(
		    words, EFFECTIVE_SIZE, "0, without [session] secret_file");
	else if (option == CONF_OPTION_cookie_name)
		snprintf(words, EFFECTIVE_SIZE, "%s", effective->cookie_name);
	else if (option == CONF_OPTION_cookie_compat)
		snprintf(words, EFFECTIVE_SIZE, "%s%s",
		    other != NULL ? "also reads " : "reads no other name",
		    other != NULL ? other : "");
}

static void
print_effective(const struct conf *conf, enum conf_option option, FILE *out)
{
	char words[EFFECTIVE_SIZE];

	write_effective(conf, option, words);
	if (words[0] != '\0')
		fprintf(out, "# in force: %s\n", words);
}

/* Prints the settings that the section of the site sets. */
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
		print_effective(conf, (enum conf_option)i, out);
	}
}

void
conf_print(const struct conf_all *all, FILE *out)
{
	print_common(&all->common, out);
	for (int i = 0; i < all->site_count; i++)
		print_site(&all->sites[i], out);
}

static void
show_setting(const struct conf *conf, enum conf_option option,
    conf_show_setting *show, void *arg)
{
	const struct setting *setting = &setting_table[option];
	char *value =
	    is_hidden(conf, setting) ? NULL : value_text(conf, setting);
	char words[EFFECTIVE_SIZE];
	const struct conf_shown shown = { .site = conf->site,
		.section = setting->section,
		.key = setting->key,
		.value = value,
		.effective = words,
		.is_set = conf->is_set[option] };

	write_effective(conf, option, words);
	show(arg, &shown);
	free(value);
}

void
conf_show(const struct conf_all *all, conf_show_setting *show, void *arg)
{
	for (int i = 0; i < CONF_OPTIONS; i++)
		show_setting(&all->common, (enum conf_option)i, show, arg);
	for (int site = 0; site < all->site_count; site++)
		for (int i = 0; i < CONF_OPTIONS; i++)
			if (all->sites[site].is_own[i])
				show_setting(&all->sites[site],
				    (enum conf_option)i, show, arg);
}
