/*
 * config: any file and environment load, or every fault is told in whole
 * lines; what was loaded is printed as a file that loads to the same.  The
 * input is the file; strings of the environment may follow, each behind a NUL.
 */
#include "config.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/conf.h"
#include "config/ini.h"
#include "fuzz.h"

enum { ENV_MAX = 6, ROUND_TRIP_MAX = 4096 };

/* A file without a name in the file system, made once. */
struct memfile {
	int fd;
	char path[32];
};

static struct memfile first = { .fd = -1 }, second = { .fd = -1 };

static void
memfile_fill(struct memfile *file, struct str text)
{
	if (file->fd < 0) {
		file->fd = memfd_create("fuzz", MFD_CLOEXEC);
		fuzz_claim(file->fd >= 0);
		snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d",
		    file->fd);
	}
	fuzz_claim(ftruncate(file->fd, 0) == 0);
	fuzz_claim(
	    pwrite(file->fd, text.ptr, text.len, 0) == (ssize_t)text.len);
}

/* A secret_file may name any path: none that is no plain file. */
static bool
names_device(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		struct str rest = str_from_byte(text, i);

		if (str_starts(rest, STR("/dev")) ||
		    str_starts(rest, STR("/proc")) ||
		    str_starts(rest, STR("/sys")))
			return true;
	}
	return false;
}

/* Items lie within the bytes, lines are counted upwards. */
static void
judge_ini(struct arena *arena, struct str text)
{
	char *bytes = arena_cstr(arena, text);
	struct ini ini = ini_open(bytes, text.len);
	struct ini_item item;
	int line_no = 0;

	while (ini_next(&ini, &item)) {
		fuzz_claim(item.line_no > line_no);
		line_no = item.line_no;
		if (item.kind == INI_WRONG) {
			fuzz_claim(item.words != NULL);
			continue;
		}
		fuzz_claim(str_is_utf8(item.name) && str_is_utf8(item.value));
		fuzz_claim(!str_has_char(item.name, '\n'));
		fuzz_claim(!str_has_char(item.value, '\n'));
		fuzz_claim(item.value.len <= INI_LINE_MAX);
	}
}

/* Whole lines, with nothing in them that a terminal would obey. */
static void
judge_words(const char *words, size_t len)
{
	fuzz_claim(len == 0 || words[len - 1] == '\n');
	for (size_t i = 0; i < len; i++)
		fuzz_claim(
		    words[i] == '\n' ||
		    ((unsigned char)words[i] >= ' ' && words[i] != 0x7f));
}

static bool
load(const char *path, char *const *environ, struct conf_all *all)
{
	const struct conf_source source = { path, true, environ, 2 };
	char *words = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&words, &len);
	bool is_loaded = conf_load(&source, all, errors);

	fclose(errors);
	fuzz_claim(is_loaded == (len == 0));
	/* the environment's names are repeated as they are */
	if (environ[0] == NULL)
		judge_words(words, len);
	free(words);
	return is_loaded;
}

/* For the caller to free. */
static char *
print(const struct conf_all *all)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	conf_print(all, out);
	fclose(out);
	return text;
}

/* A default that was read again counts as set, and is a secret then. */
static char *
without_urls(char *text)
{
	for (char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "url = ", 6) == 0 ||
		    strncmp(line, "#url = ", 7) == 0)
			memmove(line, line + strcspn(line, "\n"),
			    strlen(line + strcspn(line, "\n")) + 1);
	}
	return text;
}

static char *
warn(const struct conf_all *all, const char *path)
{
	const struct conf_source source = { path, true, NULL, 2 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int count = conf_warn(all, &source, "www-data", out);

	fclose(out);
	fuzz_claim((count == 0) == (len == 0));
	return text;
}

/* Secrets are not printed: they go on by the environment. */
static void
judge_round_trip(const struct conf_all *all)
{
	const struct conf *conf = &all->common;
	char *printed = print(all), *again;
	char mysql_url[16384], redis_url[16384];
	char *environ[] = { mysql_url, redis_url, NULL };
	struct conf_all back = { .site_count = 0 };

	snprintf(mysql_url, sizeof(mysql_url), "SESSGATE_MYSQL_URL=%s",
	    conf->mysql_url);
	snprintf(redis_url, sizeof(redis_url), "SESSGATE_REDIS_URL=%s",
	    conf->redis_url);
	if (!conf->is_set[CONF_OPTION_redis_url])
		environ[1] = NULL;
	memfile_fill(&second, str_from(printed));
	fuzz_claim(load(second.path, environ, &back));
	again = print(&back);
	fuzz_claim(strcmp(without_urls(printed), without_urls(again)) == 0);
	free(again);
	free(printed);
	conf_all_free(&back);
}

/* No two sites have one name or one prefix, and each has a database. */
static void
judge_sites(const struct conf_all *all)
{
	for (int i = 0; i < all->site_count; i++) {
		const struct conf *conf = &all->sites[i];

		fuzz_claim(conf_find_site(all, str_from(conf->site)) == i);
		fuzz_claim(conf->mysql_url[0] != '\0');
		for (int j = 0; j < i; j++)
			fuzz_claim(strcmp(conf->redis_key_prefix,
				       all->sites[j].redis_key_prefix) != 0);
	}
}

static bool
has_other_secrets(const struct conf_all *all)
{
	for (int i = 0; i < all->site_count; i++)
		if (all->sites[i].is_own[CONF_OPTION_mysql_url] ||
		    all->sites[i].is_own[CONF_OPTION_mysql_url_file])
			return true;
	return all->common.mysql_url_file[0] != '\0' ||
	       all->common.redis_url_file[0] != '\0';
}

static void
judge_all(const struct conf_all *all, size_t len)
{
	free(warn(all, first.path));
	judge_sites(all);
	if (len <= ROUND_TRIP_MAX && !has_other_secrets(all))
		judge_round_trip(all);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str rest = fuzz_str(bytes, len);
	struct str file = str_cut(&rest, '\0');
	char *environ[ENV_MAX + 1] = { NULL };
	struct conf_all all = { .site_count = 0 };

	judge_ini(arena, fuzz_str(bytes, len));
	for (int i = 0; i < ENV_MAX && !str_is_none(rest); i++)
		environ[i] = arena_cstr(arena, str_cut(&rest, '\0'));
	memfile_fill(&first, file);
	if (!names_device(fuzz_str(bytes, len)) &&
	    load(first.path, environ, &all))
		judge_all(&all, len);
	conf_all_free(&all);
	arena_close(arena);
	return 0;
}
