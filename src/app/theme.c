/* The pages of a site: from its own template, else from the built-in one. */
#include "config.h"

#include "app/page_template.h"
#include "app/theme.h"
#include "http/language.h"

/*
 * nginx has a fastcgi_buffer_size of 4,096; Status and similar lines take 96.
 */
enum { REDIRECT_MAX = 4000 - 96 };

struct theme {
	struct arena *arena; /* owns this struct and all that it points to */
	struct page_template own;
	/* .template is NULL while no page needs it */
	struct page_template built_in;
	/* each a copy of own or built_in */
	struct page_template account, factor, reset;
	struct str title, forgot_url;
};

/*
 * Returns the section that a template must have for this page.  An older copy
 * of etc/login.html lacks it, or the part of it about recovery codes.
 */
static enum theme_value
section_of(const struct conf *conf, enum theme_value part)
{
	return part == THEME_FACTOR && conf->mysql_totp_codes_update[0] != '\0'
		   ? THEME_RECOVERY_NEW
		   : part;
}

/*
 * Sets *page to the own template or, if that lacks the section, to the built-in
 * one, with a warning.
 */
static bool
open_part(struct theme *theme, const struct conf *conf, enum theme_value part,
    struct page_template *page, FILE *errors)
{
	enum theme_value section = section_of(conf, part);

	*page = theme->own;
	if (template_has_section(theme->own.template, section))
		return true;
	fprintf(errors,
	    "warning: %s: no {{#%s}}: the %s page is the built-in one; copy "
	    "that section%s of etc/login.html\n",
	    conf->login_page, page_template_name(section),
	    page_template_name(part),
	    part == THEME_ACCOUNT ? " and the last <style>" : "");
	if (theme->built_in.template == NULL &&
	    !page_template_open(
		&theme->built_in, theme->arena, conf, NULL, errors))
		return false;
	*page = theme->built_in;
	return true;
}

static void
warn_of_login_page(
    const struct theme *theme, const struct conf *conf, FILE *errors)
{
	if (conf->mysql_totp_codes_update[0] != '\0' &&
	    !template_has_section(theme->own.template, THEME_RECOVERY))
		fprintf(errors,
		    "warning: %s: no {{#recovery}}: the login page has no "
		    "field for recovery codes\n",
		    conf->login_page);
}

struct theme *
theme_open(const struct conf *conf, FILE *errors)
{
	const char *file =
	    conf->login_page[0] != '\0' ? conf->login_page : NULL;
	struct arena *arena = arena_open();
	struct theme *theme;

	if (arena == NULL) {
		fputs("no memory for the pages\n", errors);
		return NULL;
	}
	theme = arena_alloc(arena, sizeof(*theme));
	*theme = (struct theme){ .arena = arena,
		.title = str_from(conf->login_title),
		.forgot_url = str_from(conf->login_forgot_url) };
	if (page_template_open(&theme->own, arena, conf, file, errors) &&
	    open_part(theme, conf, THEME_ACCOUNT, &theme->account, errors) &&
	    open_part(theme, conf, THEME_FACTOR, &theme->factor, errors) &&
	    open_part(theme, conf, THEME_RESET, &theme->reset, errors)) {
		warn_of_login_page(theme, conf, errors);
		return theme;
	}
	arena_close(arena);
	return NULL;
}

void
theme_close(struct theme *theme)
{
	if (theme != NULL)
		arena_close(theme->arena);
}

static void
begin_page(struct reply *reply, int status, struct str head)
{
	reply->status = status;
	buf_add(&reply->head, head);
}

void
theme_begin(const struct theme *theme, struct reply *reply, int status)
{
	begin_page(reply, status, theme->own.head);
}

bool
theme_has_space(const struct theme *theme, struct str location)
{
	return theme->own.head.len + location.len + sizeof("Location: \r\n") <=
	       REDIRECT_MAX;
}

static struct str
lang_of(struct arena *arena, struct str language)
{
	char *lang = arena_cstr(arena, language);

	for (size_t i = 0; i < language.len; i++)
		if (lang[i] == '_')
			lang[i] = '-';
	return (struct str){ lang, language.len };
}

static void
put_language(const struct page_template *page, struct reply *reply,
    struct str accept_language, struct str *values)
{
	size_t chosen = language_choose(
	    accept_language, page->languages, page->language_count);

	if (page->language_count == 0)
		return;
	values[THEME_LANG] =
	    lang_of(reply->head.arena, page->languages[chosen]);
	values[THEME_VALUES + chosen] = STR("1");
}

static const struct page_template *
page_of(const struct theme *theme, const struct str *values)
{
	if (values[THEME_ACCOUNT].len > 0)
		return &theme->account;
	if (values[THEME_FACTOR].len > 0)
		return &theme->factor;
	return values[THEME_RESET].len > 0 ? &theme->reset : &theme->own;
}

void
theme_write(const struct theme *theme, struct reply *reply, int status,
    struct str accept_language, struct str values[THEME_COUNT],
    const struct template_list *sessions)
{
	const struct page_template *page = page_of(theme, values);

	put_language(page, reply, accept_language, values);
	values[THEME_TITLE] = theme->title;
	values[THEME_FORGOT_URL] = theme->forgot_url;
	begin_page(reply, status,
	    values[THEME_NO_REFERRER].len > 0 ? page->secret_head : page->head);
	template_write(page->template, values, sessions, &reply->body);
}
