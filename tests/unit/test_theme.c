/* app/theme: templates of a site's own */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "app_fixture.h"

#define LOGIN "/sessgate/login"
#define ACCOUNT "/sessgate/account"

/* The complaint of theme_open about a template; NULL: none. */
static char *
judge(struct fixture *fixture, const char *text, size_t len)
{
	char name[] = "/tmp/test_page.XXXXXX";
	struct conf conf = fixture->conf;
	int fd = mkstemp(name);
	FILE *file = fdopen(fd, "w");
	struct theme *theme;
	size_t size;
	char *printed;
	FILE *errors = open_memstream(&printed, &size);

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
	conf.login_page = name;
	theme = theme_open(&conf, errors);
	fclose(errors);
	unlink(name);
	if (theme != NULL) {
		theme_close(fixture->theme);
		fixture->theme = theme;
		fixture->app.theme = theme;
		assert_int_equal(size > 0, str_starts(str_from(printed),
					       STR("warning: /tmp/test_page")));
		free(printed);
		return NULL;
	}
	assert_true(str_starts(str_from(printed), str_from(name)));
	memmove(printed, printed + strlen(name), size + 1 - strlen(name));
	return printed;
}

static void
a_template_of_ones_own_is_used(void **state)
{
	/* the hash is sha256sum's */
	static const char text[] =
	    "\xef\xbb\xbf<STYLE>a\r\nb</STYLE>{{#login_failed}}Nein"
	    "{{/login_failed}}{{#login}}[{{next}}|{{email}}]{{/login}}";
	struct fixture *fixture = *state;

	assert_null(judge(fixture, text, sizeof(text) - 1));
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(LOGIN),
		.content_type = STR("application/x-www-form-urlencoded"),
		.body = STR("email=a&password=b&next=/c"),
		.sec_fetch_site = STR("same-origin") };
	fixture_ask(fixture);
	assert_answer(fixture, "</STYLE>Nein[/c|a]");
	assert_answer(fixture,
	    "style-src 'sha256-"
	    "fhj3NzEbLcOy8mndeDlrA1HxT7Zu+oefdoyyMYGIPHg='; ");
	assert_null(judge(fixture, "no style", 8));
	fixture_get(fixture, LOGIN, NULL);
	assert_answer(fixture, "default-src 'none'; form-action 'self'");
}

static void
a_bad_template_is_refused_with_its_line(void **state)
{
#define BAD(text, printed) \
	{ \
		text, sizeof(text) - 1, printed \
	}
	static const struct row {
		const char *text;
		size_t len;
		const char *printed;
	} rows[] = {
		BAD("a\nb{{c}}", ":2: there is no {{c}}\n"),
		BAD("{{#login}}", ":1: a section has no end: {{/login}}\n"),
		BAD("{{!\n}}\n<style>\n{{!}}</style>",
		    ":3: there can be no {{ within a <style>\n"),
		BAD("\n\0", ":2: a control character, or no UTF-8\n"),
		BAD("\xff", ":1: a control character, or no UTF-8\n"),
		BAD("{{next}}{{next}}{{next}}{{next}}{{next}}",
		    ": a page could become longer than 56 KiB: name long "
		    "values, next and again, less often, and say less of "
		    "a session\n"),
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *printed = judge(fixture, rows[i].text, rows[i].len);

		assert_non_null(printed);
		assert_string_equal(printed, rows[i].printed);
		free(printed);
	}
}

/* Its own pages stay, and the account page is ours. */
static void
a_template_of_an_older_version_lacks_nothing(void **state)
{
	static const char text[] = "{{#user}}Hallo {{user}}{{/user}}";
	struct fixture *fixture = *state;

	assert_null(judge(fixture, text, sizeof(text) - 1));
	assert_int_equal(fixture_get(fixture, LOGIN, COOKIE), 200);
	assert_answer(fixture, "Hallo a@example.org");
	assert_no_answer(fixture, "style-src");
	assert_int_equal(fixture_get(fixture, ACCOUNT, COOKIE), 200);
	assert_answer(fixture, "<h1>Your account</h1>");
	assert_answer(fixture, "style-src 'sha256-");
}

static void
a_template_of_ones_own_has_the_account_page(void **state)
{
	static const char text[] =
	    "{{#account}}{{account}}{{#sessions}} {{handle}}{{/sessions}}"
	    "{{/account}}";
	struct fixture *fixture = *state;

	assert_null(judge(fixture, text, sizeof(text) - 1));
	assert_int_equal(fixture_get(fixture, ACCOUNT, COOKIE), 200);
	assert_answer(fixture, "\r\n\r\na@example.org ");
	assert_no_answer(fixture, "<h1>");
}

static void
a_list_that_could_become_too_long_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct buf text = buf_open(fixture->call.arena, 4096);
	char *printed;

	buf_add(&text, STR("{{#account}}{{#sessions}}"));
	for (int i = 0; i < 600; i++)
		buf_add_char(&text, 'x');
	buf_add(&text, STR("{{/sessions}}{{/account}}"));
	printed = judge(fixture, text.ptr, text.len);
	assert_non_null(printed);
	free(printed);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(a_template_of_ones_own_is_used),
		TEST(a_bad_template_is_refused_with_its_line),
		TEST(a_template_of_an_older_version_lacks_nothing),
		TEST(a_template_of_ones_own_has_the_account_page),
		TEST(a_list_that_could_become_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
