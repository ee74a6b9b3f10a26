/* base/path */
#include "config.h"

#include "base/path.h"
#include "check.h"

static void
plain_paths_are_plain(void **state)
{
	static const char *const rows[] = {
		"/",
		"/a",
		"/a/",
		"/a/b.html",
		"/.a",
		"/..a",
		"/...",
		"/a.",
		"/a b",
		"/a*b&c=d+e@f:g,h!i$j'k(l)~\"<>^`{|}",
		"/\xc3\xa4/\xe2\x82\xac",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(path_is_plain(str_from(rows[i])), rows[i]);
}

static void
doubtful_paths_are_not(void **state)
{
	static const struct str rows[] = {
		STR_INIT(""),
		STR_INIT("a"),
		STR_INIT("a/b"),
		STR_INIT("*"),
		STR_INIT("//"),
		STR_INIT("//a"),
		STR_INIT("/a//b"),
		STR_INIT("/a//"),
		STR_INIT("/."),
		STR_INIT("/./"),
		STR_INIT("/.."),
		STR_INIT("/../a"),
		STR_INIT("/a/."),
		STR_INIT("/a/.."),
		STR_INIT("/a/../b"),
		STR_INIT("/a\\b"),
		STR_INIT("/a%b"),
		STR_INIT("/a;b"),
		STR_INIT("/a?b"),
		STR_INIT("/a#b"),
		STR_INIT("/a\tb"),
		STR_INIT("/a\nb"),
		STR_INIT("/a\x7f"),
		STR_INIT("/a\0b"),
		STR_INIT("/\xe4"),
		STR_INIT("/\xc0\xae\xc0\xae/a"),
		STR_INIT("/\xc0\xaf/a"),
		STR_INIT("/\xe0\x80\xaf/a"),
		STR_INIT("/\xed\xa0\x80"),
	};

	(void)state;
	assert_false(path_is_plain(STR_NONE));
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(!path_is_plain(rows[i]), rows[i].ptr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_paths_are_plain),
		cmocka_unit_test(doubtful_paths_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
