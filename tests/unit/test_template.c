/* http/template and http/style: what a template may say, and what it shows */
#include "config.h"

#include <string.h>

#include "check.h"
#include "in_arena.h"
#include "http/style.h"
#include "http/template.h"

static const char *const names[] = { "a", "b", "long_name2", NULL };

static const struct str values[3 + TEMPLATE_LANGUAGES_MAX] = { STR_INIT(
								   "<&\"'>"),
	STR_INIT(""), STR_INIT("x"), STR_INIT(""), STR_INIT("1") };

static void
values_and_sections_are_written(void **state)
{
	static const struct row {
		const char *text, *written;
	} rows[] = {
		{ "", "" },
		{ "plain }} { { { } text", "plain }} { { { } text" },
		{ "{{a}}", "&lt;&amp;&quot;&#39;&gt;" },
		{ "[{{b}}]", "[]" },
		{ "{{ long_name2\n}}", "x" },
		{ "{{#a}}1{{/a}}{{#b}}2{{/b}}3", "13" },
		{ "{{^a}}1{{/a}}{{^b}}2{{/b}}3", "23" },
		{ "{{#a}}{{#b}}1{{/b}}2{{^b}}{{long_name2}}{{/b}}{{/a}}",
		    "2x" },
		{ "{{#b}}{{#a}}1{{/a}}{{a}}{{/b}}{{# a }}2{{/ a }}", "2" },
		{ "{{#a}}{{#a}}1{{/a}}2{{/a}}", "12" },
		{ "a{{! {{ b\n # }}b", "ab" },
		{ "{{!}}", "" },
		{ "{{%languages en de}}{{#en}}1{{/en}}{{#de}}2{{/de}}", "2" },
		{ "{{% languages  en\n}}{{%languages de}}{{^en}}{{de}}{{/en}}",
		    "1" },
		{ "{{%languages en pt_br }}{{#pt_br}}2{{/pt_br}}", "2" },
		{ "{{%languages}}a", "a" },
		{ "{{#en}}{{/en}}{{%languages en}}", NULL },
		{ "{{%languages en en}}", NULL },
		{ "{{%languages a}}", NULL },
		{ "{{%languages EN}}", NULL },
		{ "{{%language en}}", NULL },
		{ "{{%}}", NULL },
		{ "{{%languages c d e f g h i j k l m n o p q r}}", "" },
		{ "{{%languages c d e f g h i j k l m n o p q r s}}", NULL },
		{ "{{%languages en}}{{#en}}{{/a}}", NULL },
		{ "{{{{", NULL },
		{ "{{{a}}}", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct template_error error;
		struct buf out = buf_open(*state, 1024);
		struct str copy[COUNT(values)];
		struct template *template = template_parse(
		    *state, str_from(rows[i].text), names, &error);

		assert_row((template != NULL) == (rows[i].written != NULL),
		    rows[i].text);
		if (template == NULL)
			continue;
		memcpy(copy, values, sizeof(copy));
		template_write(template, copy, NULL, &out);
		assert_row(str_eq(buf_str(&out), str_from(rows[i].written)),
		    rows[i].text);
	}
}

static void
what_is_wrong_is_named_with_its_line(void **state)
{
	static const struct row {
		const char *text;
		int line_no;
		const char *words;
	} rows[] = {
		{ "\n\n{{c}}", 3, "there is no {{c}}" },
		{ "{{A}}", 1, "a name is of small letters, digits and _" },
		{ "{{}}", 1, "a name is of small letters, digits and _" },
		{ "{{ \x1b[2J }}", 1,
		    "a name is of small letters, digits and _" },
		{ "{{a b}}", 1, "a name is of small letters, digits and _" },
		{ "{{&a}}", 1, "a name is of small letters, digits and _" },
		{ "\n{{a", 2, "{{ without its }}" },
		{ "\n{{a}", 2, "{{ without its }}" },
		{ "{{/a}}", 1, "a section ends that has not begun" },
		{ "{{#a}}\n{{/b}}", 2, "here should stand {{/a}}" },
		{ "\n{{#a}}\n{{^b}}{{/b}}", 2, "a section has no end: {{/a}}" },
		{ "{{#a}}{{#b}}{{/a}}{{/b}}", 1, "here should stand {{/b}}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct template_error error = { 0 };

		assert_row(template_parse(*state, str_from(rows[i].text), names,
			       &error) == NULL,
		    rows[i].text);
		assert_row(error.line_no == rows[i].line_no, rows[i].text);
		assert_string_equal(error.words, rows[i].words);
	}
}

static void
sections_nest_so_deep(void **state)
{
	struct template_error error;
	struct buf text = buf_open(*state, 4096);

	for (int i = 0; i < TEMPLATE_DEPTH_MAX; i++)
		buf_add(&text, STR("{{#a}}"));
	for (int i = 0; i < TEMPLATE_DEPTH_MAX; i++)
		buf_add(&text, STR("{{/a}}"));
	assert_non_null(template_parse(*state, buf_str(&text), names, &error));
	for (int i = 0; i <= TEMPLATE_DEPTH_MAX; i++)
		buf_add(&text, STR("{{#a}}"));
	assert_null(template_parse(*state, buf_str(&text), names, &error));
	assert_string_equal(
	    error.words, "too many sections within one another");
}

/* Names of the rows of a list, which is called b; arg: their texts. */
static void
fill_row(void *arg, size_t row, struct str *row_values)
{
	row_values[2] = str_from(((const char *const *)arg)[row]);
}

static void
a_section_is_written_for_each_row(void **state)
{
	static const char *const texts[] = { "1", "2", "3" };
	static const struct row {
		const char *text, *none, *three;
	} rows[] = {
		{ "[{{#b}}{{long_name2}},{{/b}}]", "[]", "[1,2,3,]" },
		{ "{{#b}}{{#long_name2}}x{{/long_name2}}{{/b}}", "", "xxx" },
		{ "{{^b}}none{{/b}}", "none", "" },
		{ "{{#b}}{{^b}}none{{/b}}{{a}}{{/b}}{{^b}}0{{/b}}", "0",
		    "aaa" },
		{ "{{#a}}{{#b}}{{long_name2}}{{/b}}{{/a}}.", ".", "123." },
		/* a second section, and one inside, begin anew */
		{ "{{#b}}{{long_name2}}{{/b}}{{#b}}{{long_name2}}{{/b}}", "",
		    "123123" },
		{ "{{#b}}<{{#b}}{{long_name2}}{{/b}}>{{/b}}", "", "<123>" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct template_list list = {
			.name = 1, .fill = fill_row, .arg = (void *)texts
		};
		struct template_error error;
		struct template *template = template_parse(
		    *state, str_from(rows[i].text), names, &error);

		assert_non_null(template);
		for (list.count = 0; list.count <= 3; list.count += 3) {
			struct str filled[3 + TEMPLATE_LANGUAGES_MAX] = {
				STR_INIT("a"),
			};
			struct buf out = buf_open(*state, 1024);

			if (list.count > 0)
				filled[1] = STR("1");
			template_write(template, filled, &list, &out);
			assert_row(str_eq(buf_str(&out),
				       str_from(list.count > 0 ? rows[i].three
							       : rows[i].none)),
			    rows[i].text);
		}
	}
}

static void
the_longest_list_is_known_before(void **state)
{
	static const size_t sizes[] = { 30, 1, 100 };
	struct template_error error;
	struct template *template = template_parse(*state,
	    STR("ab{{#b}}c{{long_name2}}{{/b}}{{^b}}d{{/b}}{{a}}"), names,
	    &error);

	assert_non_null(template);
	assert_int_equal(
	    template_size_max(template, sizes, 1, 7), 2 + 7 * 101 + 1 + 30);
	assert_true(template_has_section(template, 1));
	assert_false(template_has_section(template, 0));
}

static void
rows_end_where_their_section_does(void **state)
{
	static const size_t sizes[] = { 30, 1, 100 };
	struct template_error error;
	struct template *template = template_parse(*state,
	    STR("{{#b}}c{{^b}}d{{/b}}e{{/b}}f{{#b}}g{{#b}}h{{/b}}i{{/b}}"),
	    names, &error);

	assert_non_null(template);
	assert_int_equal(
	    template_size_max(template, sizes, 1, 7), 7 * 3 + 1 + 7 * 3);
}

static void
the_longest_page_is_known_before(void **state)
{
	static const size_t sizes[] = { 30, 7, 100 };
	struct template_error error;
	struct template *template = template_parse(*state,
	    STR("ab{{a}}{{#b}}c{{b}}{{/b}}{{^b}}d{{/b}}"), names, &error);

	assert_non_null(template);
	assert_int_equal(
	    template_size_max(template, sizes, SIZE_MAX, 1), 4 + 30 + 7);
}

static void
styles_are_found_as_a_browser_finds_them(void **state)
{
	static const struct row {
		const char *text, *contents; /* each with a | behind it */
	} rows[] = {
		{ "", "" },
		{ "<p>style</p>", "" },
		{ "<style>a{}</style>", "a{}|" },
		{ "<STYLE media=\"print\">\na</Style >b<style\n>c</style",
		    "\na|c</style|" },
		{ "<style>a</styles></style/>", "a</styles>|" },
		{ "<styles>a</styles>", "" },
		{ "<style>a<style>b</style>c", "a<style>b|" },
		{ "<style></style><style> </style>", "| |" },
		{ "<style", "" },
		{ "<style>open", "open|" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str rest = str_from(rows[i].text), content;
		struct buf found = buf_open(*state, 256);

		while (style_next(&rest, &content)) {
			buf_add(&found, content);
			buf_add_char(&found, '|');
		}
		assert_row(str_eq(buf_str(&found), str_from(rows[i].contents)),
		    rows[i].text);
	}
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		TEST(values_and_sections_are_written),
		TEST(what_is_wrong_is_named_with_its_line),
		TEST(sections_nest_so_deep),
		TEST(a_section_is_written_for_each_row),
		TEST(the_longest_page_is_known_before),
		TEST(rows_end_where_their_section_does),
		TEST(the_longest_list_is_known_before),
		TEST(styles_are_found_as_a_browser_finds_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
