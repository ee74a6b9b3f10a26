/* A configuration that is being built: ranks, sources, errors, secret files. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/draft.h"
#include "config/secret_file.h"
#include "config/texts.h"
#include "config/value.h"

/* only these are printed: a wrong file could fill a log */
#define ERRORS_MAX 50

void
draft_error(const struct draft *draft, struct draft_source source,
    const char *format, ...)
{
	FILE *out = draft->errors->out;
	va_list args;

	if (draft->errors->count++ >= ERRORS_MAX)
		return;
	fprintf(out, "%.*s:", STR_ARG(source.name));
	if (source.line_no > 0)
		fprintf(out, "%d:", source.line_no);
	fputc(' ', out);
	va_start(args, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start above
	 */
	vfprintf(out, format, args);
	va_end(args);
	if (draft->conf->site != NULL && source.site == NULL)
		fprintf(out, " (site \"%s\")", draft->conf->site);
	fputc('\n', out);
}

/*
 * Reports an error with the name of the setting; a variable is itself named
 * after the setting.
 */
static void
error_at(const struct draft *draft, const struct setting *setting,
    struct draft_source source, const char *words)
{
	if (source.line_no == 0)
		draft_error(draft, source, "%s", words);
	else if (source.site != NULL)
		draft_error(draft, source, "[site \"%s\"] %s.%s: %s",
		    source.site, setting->section, setting->key, words);
	else
		draft_error(draft, source, "[%s] %s: %s", setting->section,
		    setting->key, words);
}

void
draft_error_in(struct draft *draft, enum conf_option option, const char *words)
{
	draft->is_bad[option] = true;
	error_at(draft, &setting_table[option], draft->sources[option], words);
}

/* Returns the text of the option; empty, if all its lines were refused. */
static const char *
text_of(const struct draft *draft, enum conf_option option)
{
	const char *const *text =
	    setting_value(&setting_table[option], draft->conf);

	return *text != NULL ? *text : "";
}

void
draft_error_in_url(struct draft *draft, int number, const char *words)
{
	const struct setting *setting = &setting_table[CONF_OPTION_mysql_url];
	char numbered[VALUE_WHY_SIZE];

	draft->is_bad[CONF_OPTION_mysql_url] = true;
	snprintf(numbered, sizeof(numbered), "url %d: %s", number + 1, words);
	error_at(draft, setting,
	    draft->url_sources[number < CONF_DATABASES_MAX
				   ? number
				   : CONF_DATABASES_MAX - 1],
	    text_count(text_of(draft, CONF_OPTION_mysql_url)) > 1 ? numbered
								  : words);
}

void
draft_open(struct draft *draft, struct conf *conf, const char *file,
    struct draft_errors *errors)
{
	*draft = (struct draft){ .conf = conf, .file = file, .errors = errors };
	*conf = (struct conf){ 0 };
	for (int i = 0; i < CONF_OPTIONS; i++) {
		const struct setting *setting = &setting_table[i];

		draft->sources[i].name = str_from(file);
		draft_set(draft, setting, DRAFT_DEFAULT, draft->sources[i],
		    str_from(setting->text));
	}
}

static void
set_value(struct draft *draft, const struct setting *setting,
    struct draft_source source, struct str value)
{
	enum conf_option option = setting_option(setting);
	char why[VALUE_WHY_SIZE];
	char *text = strndup(value.ptr, value.len);

	if (text == NULL) {
		error_at(draft, setting, source, "no memory");
		return;
	}
	draft->is_bad[option] = !value_parse(
	    setting, text, setting_field(setting, draft->conf), why);
	if (draft->is_bad[option])
		error_at(draft, setting, source, why);
	explicit_bzero(text, value.len);
	free(text);
}

/* Records the source of a url.  Called before the url is added. */
static void
note_url(struct draft *draft, struct draft_source source)
{
	int number = text_count(text_of(draft, CONF_OPTION_mysql_url));

	if (number < CONF_DATABASES_MAX)
		draft->url_sources[number] = source;
}

/*
 * Adds the lines of a repeatable setting.  Lines of one rank are added to each
 * other; the first one of a higher rank replaces all before it.
 */
static void
set_lines(struct draft *draft, const struct setting *setting, bool is_first,
    struct draft_source source, struct str lines)
{
	bool *is_bad = &draft->is_bad[setting_option(setting)];
	bool is_any_bad = *is_bad && !is_first;

	if (is_first)
		value_free(setting, setting_field(setting, draft->conf));
	while (!str_is_none(lines)) {
		if (setting_option(setting) == CONF_OPTION_mysql_url)
			note_url(draft, source);
		set_value(draft, setting, source, str_cut(&lines, '\n'));
		is_any_bad = is_any_bad || *is_bad;
	}
	*is_bad = is_any_bad;
}

void
draft_set(struct draft *draft, const struct setting *setting,
    enum draft_rank rank, struct draft_source source, struct str value)
{
	enum conf_option option = setting_option(setting);
	const struct draft_source *before = &draft->sources[option];
	bool is_first = rank > draft->ranks[option] || rank == DRAFT_DEFAULT;
	bool is_added = setting_is_repeatable(setting) && before->line_no > 0;

	assert(rank >= draft->ranks[option]);
	if (!is_first && !is_added) {
		char words[64];

		snprintf(words, sizeof(words), "is set in line %d already",
		    before->line_no);
		/* a variable may be repeated; only the first one counts */
		if (before->line_no > 0)
			error_at(draft, setting, source, words);
		return;
	}
	if (setting_is_repeatable(setting))
		set_lines(draft, setting, is_first, source, value);
	else
		set_value(draft, setting, source, value);
	draft->ranks[option] = rank;
	draft->sources[option] = source;
	draft->conf->lines[option] = source.line_no;
	draft->conf->is_set[option] = rank > DRAFT_DEFAULT;
	draft->conf->is_own[option] = rank == DRAFT_SITE;
}

void
draft_inherit(struct draft *site, const struct draft *common)
{
	for (int i = 0; i < CONF_OPTIONS; i++) {
		const struct setting *setting = &setting_table[i];

		if (site->ranks[i] == DRAFT_SITE)
			continue;
		site->ranks[i] = common->ranks[i];
		site->sources[i] = common->sources[i];
		site->is_bad[i] = common->is_bad[i];
		if (i == CONF_OPTION_mysql_url)
			memcpy(site->url_sources, common->url_sources,
			    sizeof(site->url_sources));
		site->conf->is_set[i] = common->conf->is_set[i];
		if (!value_copy(setting, setting_value(setting, common->conf),
			setting_field(setting, site->conf)))
			draft_error_in(site, (enum conf_option)i, "no memory");
	}
}

static const char *
secret_fault(bool is_read, const char *bytes, size_t len)
{
	if (!is_read)
		return strerror(errno);
	if (len == 0)
		return "the file is empty";
	if (memchr(bytes, '\0', len) != NULL)
		return "the file holds a NUL";
	return NULL;
}

bool
draft_is_whole(const struct draft *draft)
{
	for (int i = 0; i < CONF_OPTIONS; i++) {
		const struct setting *setting = &setting_table[i];
		const char *const *text = setting_value(setting, draft->conf);

		if (setting->type == SETTING_TEXT && *text == NULL)
			return false;
	}
	return true;
}

/*
 * Sets the content of a file.  For a repeatable setting each line is one value.
 */
static void
set_content(struct draft *draft, const struct setting *setting,
    struct draft_source source, struct str content)
{
	if (setting_is_repeatable(setting))
		set_lines(draft, setting, true, source, content);
	else
		set_value(draft, setting, source, content);
}

/* Sets the secret to the content of the file that file_option names. */
static void
load_secret(
    struct draft *draft, enum conf_option secret, enum conf_option file_option)
{
	const char *path = text_of(draft, file_option), *fault;
	struct draft_source source = { .name = str_from(path) };
	char bytes[SECRET_FILE_MAX];
	size_t len = 0;
	bool is_read = secret_file_read(path, bytes, &len);

	fault = secret_fault(is_read, bytes, len);
	if (fault == NULL) {
		set_content(draft, &setting_table[secret], source,
		    (struct str){ bytes, len });
		if (secret == CONF_OPTION_mysql_url)
			for (int i = 0; i < CONF_DATABASES_MAX; i++)
				draft->url_sources[i] =
				    draft->sources[file_option];
		draft->sources[secret] = draft->sources[file_option];
		draft->conf->is_set[secret] = true;
	} else {
		char words[SECRET_FILE_MAX];

		snprintf(words, sizeof(words), "%s: %s", path, fault);
		draft_error_in(draft, file_option, words);
		draft->is_bad[secret] = true;
	}
	explicit_bzero(bytes, sizeof(bytes));
}

static void
contradict(
    struct draft *draft, enum conf_option secret, enum conf_option file_option)
{
	char words[128];

	snprintf(words, sizeof(words),
	    "contradicts %s, which is set too: leave one out",
	    setting_table[secret].key);
	draft_error_in(draft, file_option, words);
	draft->is_bad[secret] = true;
}

static void
settle_secret(
    struct draft *draft, enum conf_option secret, enum conf_option file_option)
{
	enum draft_rank rank = draft->ranks[file_option];
	enum draft_rank secret_rank = draft->ranks[secret];

	if (text_of(draft, file_option)[0] == '\0')
		return;
	if (draft->conf->site != NULL && rank != DRAFT_SITE &&
	    secret_rank != DRAFT_SITE)
		/* the site inherits the secret that was settled before */
		return;
	if (rank == secret_rank && text_of(draft, secret)[0] != '\0')
		contradict(draft, secret, file_option);
	else if (rank >= secret_rank)
		load_secret(draft, secret, file_option);
	else
		draft_set(draft, &setting_table[file_option], secret_rank,
		    draft->sources[secret], STR(""));
}

void
draft_settle_secrets(struct draft *draft)
{
	for (int i = 0; i < CONF_OPTIONS; i++) {
		const struct setting *setting = &setting_table[i];
		struct str key = str_from(setting->key);
		const struct setting *secret;

		if (setting->type != SETTING_SECRET_FILE)
			continue;
		key.len -= sizeof("_file") - 1;
		secret = setting_find(str_from(setting->section), key);
		assert(secret != NULL && setting_is_secret(secret));
		settle_secret(
		    draft, setting_option(secret), (enum conf_option)i);
	}
}
