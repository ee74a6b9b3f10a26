/* http/language: what a browser that asks for a language is answered in */
#include "config.h"

#include "check.h"
#include "http/language.h"

static void
the_best_language_that_there_is_is_chosen(void **state)
{
	static const struct str languages[] = { STR_INIT("en"), STR_INIT("de"),
		STR_INIT("pt_br"), STR_INIT("zh_hans") };
	static const struct row {
		const char *accept;
		size_t chosen;
	} rows[] = {
		{ NULL, 0 },
		{ "", 0 },
		{ "de", 1 },
		{ "DE-at", 1 },
		{ "de-DE-1996", 1 },
		{ "deu", 0 },
		{ "d", 0 },
		{ "fr, de", 1 },
		{ "fr;q=1, en;q=0.4, de;q=0.5", 1 },
		{ "de;q=0.5,en;q=0.5", 1 },
		{ "en;q=0.7, de ; q=0.8", 1 },
		{ "de;Q=0.9, en;q=0.8", 1 },
		{ "de;q=0, en", 0 },
		{ "de;q=0", 0 },
		{ "de;q=0.000", 0 },
		{ "de;q=0.001", 1 },
		{ "de;q=x, en", 0 },
		{ "de;x=1;q=0.1, pt-BR;q=0.2", 2 },
		{ "*;q=0.1, de;q=0.05", 0 },
		{ "*", 0 },
		{ "de, *;q=0.5", 1 },
		{ "pt", 0 },
		{ "pt-BR", 2 },
		{ "pt_br", 0 },
		{ "zh-Hans-CN", 3 },
		{ "zh-Hant", 0 },
		{ ",,;;,-,--, de", 1 },
		{ "de;q=9", 1 },
		{ "en;q=0.9,de;q=1.000", 1 },
		{ "de;q=", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(language_choose(str_from(rows[i].accept), languages,
			       COUNT(languages)) == rows[i].chosen,
		    rows[i].accept != NULL ? rows[i].accept : "absent");
	assert_int_equal(language_choose(STR("de"), languages, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_language_that_there_is_is_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
