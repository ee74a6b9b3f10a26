/* http/next: no open redirect */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "http/next.h"

static void
paths_of_the_same_origin_may(void **state)
{
	static const char *const good[] = { "/", "/a", "/a/b?c=1&d=%20#e",
		"/?next=//evil.example", "/a//b", "/%5Cevil.example",
		"/%09/evil.example", "/@evil.example", "/:80", "/.//" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_row(next_is_local(str_from(good[i])), good[i]);
}

static void
everything_else_may_not(void **state)
{
	static const char *const bad[] = { "", "a", "evil.example",
		"//evil.example", "///evil.example", "/\\evil.example",
		"\\/evil.example", "\\\\evil.example", "/\t/evil.example",
		"/\n/evil.example", "/\r\nSet-Cookie: a=b", " /a", "/a b",
		"https://evil.example", "http:/evil.example",
		"https:evil.example", "javascript:alert(1)", "data:text/html,x",
		"//user@evil.example", "?a", "#a", "/a\\b", "/\x7f",
		"/caf\xc3\xa9", "%2F%2Fevil.example" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_row(!next_is_local(str_from(bad[i])), bad[i]);
	assert_false(next_is_local(STR_NONE));
	assert_false(next_is_local(STR("/\0//evil.example")));
}

static void
it_has_an_end(void **state)
{
	char *path = malloc(2050);

	(void)state;
	memset(path, 'a', 2050);
	path[0] = '/';
	assert_true(next_is_local((struct str){ path, 2048 }));
	assert_false(next_is_local((struct str){ path, 2049 }));
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_of_the_same_origin_may),
		cmocka_unit_test(everything_else_may_not),
		cmocka_unit_test(it_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
