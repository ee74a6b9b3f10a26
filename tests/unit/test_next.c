/* http/next: no open redirect */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "base/arena.h"
#include "http/next.h"

static void
paths_of_the_same_origin_may(void **state)
{
	static const char *const good[] = { "/", "/a", "/a/b?c=1&d=%20#e",
		"/?next=//evil.example", "/a//b", "/%5Cevil.example",
		"/%09/evil.example", "/%0d%0aSet-Cookie:a=b", "/%00",
		"/@evil.example", "/:80", "/.//", "/..//evil.example",
		"/.evil.example", "/%2f%2fevil.example", "/%2Fevil.example",
		"/%252f%252fevil.example", "/%e2%80%a8/evil.example",
		"/http://evil.example", "/https:evil.example", "/;//evil",
		"/?//evil.example", "/#//evil.example", "/~bob/",
		"/index.php/admin?x[]=1", "/\"'<>`{}|^", "/javascript:alert(1)",
		"/xn--caf-dma.example" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_row(next_is_local(str_from(good[i])), good[i]);
}

static void
everything_else_may_not(void **state)
{
	static const char *const bad[] = { "", "a", "evil.example",
		"//evil.example", "///evil.example", "////evil.example", "//",
		"//@", "//:80", "//user@evil.example",
		"//www.example.org@evil.example", "//[::1]/", "//0x7f000001",
		"//evil%2eexample", "//%65vil.example", "//\tevil.example",
		"/\\evil.example", "/\\/evil.example", "/\\\\evil.example",
		"\\/evil.example", "\\\\evil.example", "\\evil.example",
		"/a\\b", "/\\", "/a?b=\\", "/\t/evil.example",
		"/\n/evil.example", "/\r/evil.example", "\t//evil.example",
		"\n//evil.example", "/\v/evil.example", "/\f/evil.example",
		"/\b/evil.example", "/\x1b/evil.example", "/\x01", "/a\t",
		"/\r\nSet-Cookie: a=b", "/a\nLocation: //evil.example", " /a",
		"/a b", "/ /evil.example", "/a ", "https://evil.example",
		"https://www.example.org/", "https://www.example.org@evil",
		"http:/evil.example", "https:evil.example", "http:\\\\evil",
		"HTTP://evil.example", "hTTps:///evil.example",
		"ht\ttps://evil.example", "javascript:alert(1)",
		"JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
		"data:text/html,x", "vbscript:x", "mailto:a@b", "blob:x",
		"view-source:/", "file:///etc/passwd", "about:blank", "?a",
		"#a", ".", "..", "./a", "../a", "../../evil", "@evil.example",
		":80", ";/a", "*", "%2F%2Fevil.example", "%2fevil.example",
		"%5cevil", "%09/evil", "%68ttps://evil.example", "/\x7f",
		"/caf\xc3\xa9", "/\xc2\xa0/evil.example",
		"/\xc2\xad/evil.example", "/\xe2\x80\x8b/evil.example",
		"/\xe2\x80\xa8/evil.example",
		"/\xe3\x80\x82"
		"evil.example",
		"/\xef\xbc\x8f"
		"evil.example",
		"\xef\xbc\x8f\xef\xbc\x8f"
		"evil.example",
		"\xef\xbb\xbf//evil.example",
		"/\xe2\x81\x84"
		"evil",
		"/\xe2\x88\x95"
		"evil",
		"/\xc0\xaf"
		"evil.example",
		"/\xff/evil.example", "\xa0/evil.example" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_row(!next_is_local(str_from(bad[i])), bad[i]);
	assert_false(next_is_local(STR_NONE));
	assert_false(next_is_local(STR("/\0//evil.example")));
	assert_false(next_is_local(STR("\0/a")));
	assert_false(next_is_local(STR("/a\0")));
}

static void
it_has_an_end(void **state)
{
	char *path = malloc(NEXT_MAX + 2);

	(void)state;
	memset(path, 'a', NEXT_MAX + 2);
	path[0] = '/';
	assert_true(next_is_local((struct str){ path, NEXT_MAX }));
	assert_false(next_is_local((struct str){ path, NEXT_MAX + 1 }));
	free(path);
}

static void
raw_bytes_are_encoded_where_they_may_stand(void **state)
{
	static const struct row {
		const char *text, *next, *of_target;
	} rows[] = {
		{ "/a?b=%20&c", "/a?b=%20&c", "/a?b=%20&c" },
		{ "/?a=\\b\\", "/?a=%5Cb%5C", "/?a=%5Cb%5C" },
		{ "/a?b#\\", "/a?b#%5C", "/a?b#%5C" },
		{ "/caf\xc3\xa9?\xff", NULL, "/caf%C3%A9?%FF" },
		{ "/\xe2\x80\xa8/evil.example", NULL,
		    "/%E2%80%A8/evil.example" },
		{ "/?\xe2\x80\xa8", "/?%E2%80%A8", "/?%E2%80%A8" },
		{ "/a\\b", NULL, NULL },
		{ "/\\evil.example?", NULL, NULL },
		{ "/a#\\?", NULL, NULL },
		{ "\xef\xbc\x8f/evil.example", NULL, NULL },
		{ "//evil?\\", NULL, NULL },
		{ "/a?b\n", NULL, NULL },
		{ "", NULL, NULL },
		{ NULL, NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_open();

		assert_str_eq(next_read(arena, str_from(rows[i].text)),
		    str_from(rows[i].next));
		assert_str_eq(next_of_target(arena, str_from(rows[i].text)),
		    str_from(rows[i].of_target));
		arena_close(arena);
	}
	(void)state;
}

static void
an_encoded_one_has_an_end_too(void **state)
{
	char text[NEXT_MAX];
	struct arena *arena = arena_open();

	(void)state;
	memset(text, '\\', sizeof(text));
	memcpy(text, "/?", 2);
	assert_int_equal(
	    next_read(arena, (struct str){ text, 2 + 682 }).len, 2 + 3 * 682);
	assert_true(
	    str_is_none(next_read(arena, (struct str){ text, 2 + 683 })));
	arena_close(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_of_the_same_origin_may),
		cmocka_unit_test(everything_else_may_not),
		cmocka_unit_test(it_has_an_end),
		cmocka_unit_test(raw_bytes_are_encoded_where_they_may_stand),
		cmocka_unit_test(an_encoded_one_has_an_end_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
