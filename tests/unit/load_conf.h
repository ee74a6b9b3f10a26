#ifndef LOAD_CONF_H
#define LOAD_CONF_H

/* Loads configurations from texts, in a folder of the test's own. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "config/conf.h"

#define ENV_MAX 4

#define DB "DATABASE_URL=mysql://u:p@localhost/site"

static char folder[] = "/tmp/test_conf.XXXXXX";

static inline int
enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

/* The files in the folder by name, then the folder: nothing else can go. */
static inline int
remove_folder(void **state)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	(void)state;
	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	return rmdir(folder);
}

static inline void
write_file(const char *name, const char *text, size_t len)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* Loads with two cores; *printed is for the caller to free. */
static inline bool
load_all(const char *text, const char *const *variables, struct conf_all *all,
    char **printed)
{
	char *env[ENV_MAX + 1] = { NULL };
	struct conf_source source = { "t.conf", true, env, 2 };
	size_t len;
	FILE *errors = open_memstream(printed, &len);
	bool is_loaded;

	write_file("t.conf", text, strlen(text));
	for (int i = 0; i < ENV_MAX && variables[i] != NULL; i++)
		env[i] = (char *)variables[i];
	is_loaded = conf_load(&source, all, errors);
	fclose(errors);
	return is_loaded;
}

/* A file without sections of sites. */
static inline bool
load(const char *text, const char *const *variables, struct conf *conf,
    char **printed)
{
	struct conf_all all;
	bool is_loaded = load_all(text, variables, &all, printed);

	assert_int_equal(all.site_count, 0);
	*conf = all.common;
	return is_loaded;
}

static inline void
load_good(const char *text, const char *const *variables, struct conf *conf)
{
	char *printed;

	if (!load(text, variables, conf, &printed))
		fail_msg("%s", printed);
	assert_string_equal(printed, "");
	free(printed);
}

/* The configuration as a text, for the caller to free. */
static inline char *
print_all(const struct conf_all *all)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	conf_print(all, out);
	fclose(out);
	return text;
}

static inline char *
print(const struct conf *conf)
{
	return print_all(&(struct conf_all){ .common = *conf });
}

static const char *const only_db[ENV_MAX] = { DB };

/* A configuration that is refused, and the words that are printed. */
struct error_row {
	const char *text;
	const char *variables[ENV_MAX];
	const char *printed;
};

/* None of them loads anything, or tells a secret. */
static inline void
assert_errors(const struct error_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct conf conf, none = { 0 };
		char *printed;

		if (load(rows[i].text, rows[i].variables, &conf, &printed))
			fail_msg("no error instead of %s", rows[i].printed);
		assert_string_equal(printed, rows[i].printed);
		assert_null(strstr(printed, "SECRET"));
		assert_memory_equal(&conf, &none, sizeof(conf));
		free(printed);
	}
}

#endif
