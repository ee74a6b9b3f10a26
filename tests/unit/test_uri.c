/* http/uri */
#include "config.h"

#include "check.h"
#include "http/uri.h"

static void
plain_targets_are_clean(void **state)
{
	static const char *const rows[] = {
		NULL,
		"",
		"/",
		"*",
		"/sessgate/user/42",
		"/sessgate/user/42/",
		"/sessgate/user/me?next=/../x//y%2f%00\\",
		"/?",
		"?/..",
		"/a.b/..c/...d/e..",
		"/.well-known/x",
		"/...",
		"/%2e%2e%2e",
		"/a%20b%41",
		"/%252e%252e/%252f", /* decoded once, by the server */
		"/a:b@c;d=e,f",
		"/user/1%0a",
		"/%",
		"/%2",
		"/%zz",
		"http://example.org",
		"http://example.org/",
		"http://example.org/a?b//c",
		"HTTPS://user@[::1]:8443/a",
		"http://example.org?a//b",
		"example.org:443",
		"/a:/b",
		"/http:/x",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(uri_target_is_clean(str_from(rows[i])),
		    rows[i] != NULL ? rows[i] : "(absent)");
}

static void
ambiguous_targets_are_refused(void **state)
{
	static const struct str rows[] = {
		STR_INIT("/."),
		STR_INIT("/.."),
		STR_INIT("/./a"),
		STR_INIT("/../a"),
		STR_INIT("/a/."),
		STR_INIT("/a/.."),
		STR_INIT("/a/../b"),
		STR_INIT("/a/..?b"),
		STR_INIT("/%2e"),
		STR_INIT("/%2E%2e/a"),
		STR_INIT("/.%2e"),
		STR_INIT("/%2e./a"),
		STR_INIT("/a/%2E/b"),
		STR_INIT("//"),
		STR_INIT("//a"),
		STR_INIT("/a//b"),
		STR_INIT("/a//"),
		STR_INIT("///"),
		STR_INIT("//example.org/a"),
		STR_INIT("/a%2fb"),
		STR_INIT("/a%2Fb"),
		STR_INIT("/..%2fa"),
		STR_INIT("/a%5cb"),
		STR_INIT("/a%5Cb"),
		STR_INIT("/a\\b"),
		STR_INIT("/..\\a"),
		STR_INIT("/a%00"),
		STR_INIT("/user/1%00"),
		STR_INIT("/%00/a"),
		STR_INIT("/a\0b"),
		STR_INIT("/a%%2f"),
		STR_INIT(".."),
		STR_INIT("../a"),
		STR_INIT("a/../b"),
		STR_INIT("http://example.org//a"),
		STR_INIT("http://example.org/../a"),
		STR_INIT("http://example.org/a%2fb"),
		STR_INIT("/http://example.org/"),
		STR_INIT("://a//b"),
		STR_INIT("/a#/../b"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(!uri_target_is_clean(rows[i]), rows[i].ptr);
}

static void
a_mount_ends_at_a_segment(void **state)
{
	static const struct {
		const char *path, *mount, *below; /* NULL: not below */
	} rows[] = {
		{ "/sessgate/login", "/sessgate", "/login" },
		{ "/sessgate/", "/sessgate", "/" },
		{ "/sessgate", "/sessgate", "" },
		{ "/sessgate/login", "/sessgate/", "/login" },
		{ "/sessgatex", "/sessgate", NULL },
		{ "/sessgatex/login", "/sessgate", NULL },
		{ "/sessgat", "/sessgate", NULL },
		{ "/SESSGATE/login", "/sessgate", NULL },
		{ "/login", "/sessgate", NULL },
		{ "/x/sessgate/login", "/sessgate", NULL },
		{ "", "/sessgate", NULL },
		{ "/login", "", "/login" },
		{ "/login", "/", "/login" },
		{ "/", "", "/" },
		{ "", "", "" },
		{ "login", "", NULL },
		{ "/a/b/c", "/a/b", "/c" },
		{ "/sessgate//login", "/sessgate", "//login" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str below = STR_NONE;

		assert_row(uri_path_below(str_from(rows[i].path),
			       str_from(rows[i].mount),
			       &below) == (rows[i].below != NULL),
		    rows[i].path);
		assert_str(below, rows[i].below);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_targets_are_clean),
		cmocka_unit_test(ambiguous_targets_are_refused),
		cmocka_unit_test(a_mount_ends_at_a_segment),
	};

	return cmocka_run_group_tests_name("uri", tests, NULL, NULL);
}
